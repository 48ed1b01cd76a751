#include <querytap/calls/histogram_family.hpp>

#include "../base/unique_id.hpp"
#include "retirable_map.hpp"

#include <querytap/recording/recorder.hpp>

#include <string>
#include <vector>

namespace querytap::detail {

void family_member::release_series() const { recorder_.release(series_); }

/// What all copies of a family share.
class family_state final : public recorder_part {
 public:
  family_state(recorder& to, const instrument& what, std::span<const std::string_view> keys)
      : recorder_{to}, what_{what}, keys_{keys.begin(), keys.end()} {}

  [[nodiscard]] ref<const family_member> of(std::span<const std::string_view> values) {
    const owners_lock lock{recorder_};
    return members_.find_or_make(joined(values), [&] {
      return ref<const family_member>{*new family_member{recorder_, bind(values)}};
    });
  }

  void release_idle(const series_usage& now) override {
    const owners_lock lock{recorder_};
    members_.release_idle(now);
  }

 private:
  [[nodiscard]] histogram bind(std::span<const std::string_view> values) {
    attributes where;
    for (std::size_t i = 0; i < keys_.size(); ++i) where.set({keys_[i], values[i]});
    return recorder_.bind_histogram(what_, where);
  }

  [[nodiscard]] static std::string joined(std::span<const std::string_view> values) {
    std::string text;
    for (const std::string_view value : values) {
      text += std::to_string(value.size());
      text += ':';
      text += value;
    }
    return text;
  }

  recorder& recorder_;
  const instrument& what_;
  const std::vector<std::string> keys_;
  retirable_map<std::string, family_member> members_;  // under an owners_lock
};

any_histogram_family::any_histogram_family(recorder& to, const instrument& what,
                                           std::span<const std::string_view> keys)
    : cache_owner_{next_unique_id()},
      others_{to.bind_histogram(what, {{"otel.metric.overflow", true}})},
      state_{std::make_shared<family_state>(to, what, keys)} {
  to.add_part(state_);
}

void any_histogram_family::record_slow(std::uint64_t value,
                                       std::span<const std::string_view> values,
                                       const composite_key* key) const noexcept {
  try {
    const ref<const family_member> found = state_->of(values);
    found->record(value);
    if (key != nullptr) lookup_cache::keep(cache_owner_, key->text(), key->hash(), *found);
  } catch (const std::exception&) {
    others_.record(value);
  }
}

}  // namespace querytap::detail
