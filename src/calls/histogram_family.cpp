#include <querytap/calls/histogram_family.hpp>

#include "../base/unique_id.hpp"
#include "joined_texts.hpp"
#include "past_limit.hpp"
#include "retirable_map.hpp"

#include <querytap/recording/recorder.hpp>

#include <string>
#include <vector>

namespace querytap::detail {
void family_member::release_series() const { recorder_.release(histogram_); }

/// What the families of one instrument with the same keys share.
class family_state final : public recorder_part {
 public:
  family_state(recorder& recorder, const instrument& instrument,
               std::span<const std::string_view> keys)
      : recorder_{recorder}, instrument_{instrument}, keys_{keys.begin(), keys.end()} {}

  [[nodiscard]] std::uint64_t cache_owner() const noexcept { return cache_owner_; }

  [[nodiscard]] ref<const family_member> find_or_make(std::span<const std::string_view> values) {
    const parts_lock lock{recorder_};
    return members_.find_or_make(joined_with_lengths(values), [&] {
      return ref<const family_member>{*new family_member{recorder_, bind(values)}};
    });
  }

  void release_idle(const series_usage& usage) override {
    const parts_lock lock{recorder_};
    members_.release_idle(usage);
  }

 private:
  [[nodiscard]] histogram bind(std::span<const std::string_view> values) {
    attributes labels;
    // An empty value is none, as in Prometheus.
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (!values[i].empty()) labels.set({keys_[i], values[i]});
    }
    return recorder_.bind_histogram(instrument_, labels);
  }

  recorder& recorder_;
  const instrument& instrument_;
  const std::vector<std::string> keys_;
  const std::uint64_t cache_owner_ = next_unique_id();
  retirable_map<std::string, family_member> members_;  // under a parts_lock
};

any_histogram_family::any_histogram_family(recorder& recorder, const instrument& instrument,
                                           std::span<const std::string_view> keys)
    : others_{recorder.bind_histogram(instrument, overflow_labels())},
      state_{&recorder.part<family_state>(
          std::string{instrument.name} + '\n' + joined_with_lengths(keys), instrument, keys)},
      cache_owner_{state_->cache_owner()} {}

void any_histogram_family::record_slow(std::uint64_t value,
                                       std::span<const std::string_view> values,
                                       const composite_key* key) const noexcept {
  try {
    const ref<const family_member> found = state_->find_or_make(values);
    found->record(value);
    if (key != nullptr) lookup_cache::insert(cache_owner_, key->text(), key->hash(), *found);
  } catch (const std::exception&) {
    others_.record(value);
  }
}

}  // namespace querytap::detail
