#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/calls/detail/composite_key.hpp>
#include <querytap/calls/detail/lookup_cache.hpp>
#include <querytap/recording/histogram.hpp>
#include <querytap/recording/recorded_value.hpp>
#include <querytap/snapshot/instrument.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace querytap {

class recorder;

namespace detail {

/// One combination of attribute values, with its series bound.
class family_member final : public ref_counted {
 public:
  family_member(recorder& recorder, const histogram& bound) noexcept
      : recorder_{recorder}, histogram_{bound} {}

  void record(std::uint64_t value) const noexcept { histogram_.record(value); }

  [[nodiscard]] bool is_overflow() const noexcept { return histogram_.is_overflow(); }
  template <class Visit>
  void for_each_histogram(Visit visit) const {
    visit(histogram_);
  }
  // Never in flight: a record is over before its thread can release the member.
  [[nodiscard]] const series& shown_as() const noexcept { return histogram_.target(); }
  void release_series() const;

 private:
  recorder& recorder_;
  const histogram histogram_;
};

class family_state;

/// A family whose number of keys is not known to the compiler.
class any_histogram_family {
 public:
  any_histogram_family(recorder& recorder, const instrument& instrument,
                       std::span<const std::string_view> keys);

 protected:
  /// Makes the member of these values on first sight. `key` is null if the thread's cache is not to
  /// hold the member.
  void record_slow(std::uint64_t value, std::span<const std::string_view> values,
                   const composite_key* key) const noexcept;
  [[nodiscard]] std::uint64_t cache_owner() const noexcept { return cache_owner_; }

 private:
  histogram others_;     // takes the records for whose member there is no memory
  family_state* state_;  // a part of the recorder
  std::uint64_t cache_owner_;
};

}  // namespace detail

/// A histogram whose attribute values are known only when a value is recorded: one series for each
/// combination that was seen, within the series limit of the instrument.
///
///     const histogram_family latency{recorder, tool_duration, {"tool", "tenant"}};
///     latency.record(spent, {"search", tenant});
///
/// Threads  any number at once.
/// Cost     a copy and a comparison of the values, and a record; bench/calls/family_bench.cpp. No
///          lock, no allocation once this thread has lately seen the combination. Values of more
///          than 512 characters together are looked up under a lock.
/// Errors   at construction as recorder::bind_histogram(); never throws once made. Without memory
///          for a new combination, the overflow series of the instrument takes its records.
/// Lifetime a small value that the recorder must outlive. Combinations that are no longer recorded
///          are retired. Families of one instrument with the same keys share their series.
template <std::size_t Keys>
class histogram_family : private detail::any_histogram_family {
 public:
  histogram_family(recorder& recorder, const instrument& instrument,
                   const std::string_view (&keys)[Keys])
      : any_histogram_family{recorder, instrument, keys} {}

  /// `values` in the order of the keys.
  void record(recorded_value number, const std::string_view (&values)[Keys]) const noexcept {
    using namespace detail;
    if constexpr (!is_compiled_in) return;
    const std::uint64_t value = number.get();
    composite_key key;
    bool fits = true;
    for (const std::string_view text : values) fits = fits && key.add(text);
    if (!fits) [[unlikely]]
      return record_slow(value, values, nullptr);
    if (const ref_counted* known = lookup_cache::find(cache_owner(), key.text(), key.hash()))
        [[likely]]
      return static_cast<const family_member*>(known)->record(value);
    record_slow(value, values, &key);
  }

  /// Times before 0 count as 0.
  void record(std::chrono::nanoseconds duration,
              const std::string_view (&values)[Keys]) const noexcept {
    record(static_cast<std::uint64_t>(duration.count() < 0 ? 0 : duration.count()), values);
  }
};

template <std::size_t Keys>
histogram_family(recorder&, const instrument&, const std::string_view (&)[Keys])
    -> histogram_family<Keys>;

}  // namespace querytap
