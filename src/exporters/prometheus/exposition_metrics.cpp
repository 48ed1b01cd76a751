#include "exposition_metrics.hpp"

namespace querytap::detail {

const metric* exposition_metrics::resource(const attributes& resource) {
  if (resource.empty()) return nullptr;
  if (resource_identity_ == nullptr || resource_identity_->labels != resource) {
    resource_identity_ =
        std::make_shared<const series_identity>(series_identity{&target_info, resource});
    resource_ = metric{&target_info, {point{.series = resource_identity_, .number = 1}}};
  }
  return &*resource_;
}

void exposition_metrics::count_renamed(const instrument& instrument, std::size_t series) {
  if (series != 0) renamed_counts_[instrument.name] += static_cast<std::int64_t>(series);
}

const metric* exposition_metrics::take_renamed() {
  if (renamed_counts_.empty()) return nullptr;
  renamed_ = metric{&renamed_series};
  for (const auto& [name, series] : renamed_counts_) {
    identity& own = renamed_identities_[std::string{name}];
    if (own == nullptr) {
      own = std::make_shared<const series_identity>(
          series_identity{&renamed_series, {{"querytap.instrument", name}}});
    }
    renamed_->points.push_back({.series = own, .number = series});
  }
  renamed_counts_.clear();
  return &*renamed_;
}

}  // namespace querytap::detail
