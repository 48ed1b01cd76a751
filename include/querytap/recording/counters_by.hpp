#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/instrument.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace querytap {

/// A counter of the application's own with one series for each value of an enumeration, all of which
/// exist from the start: what never happened is 0, and not missing.
///
///     // feedback is an enumeration, helpful and wrong, with a to_string() beside it
///     const counters_by<feedback, 2> answers{recorder, answer_feedback, "shop.feedback"};
///     answers.add(feedback::helpful);
///
/// A ratio is the rate of one series over that of all: no average is made here that could not be taken
/// apart again. For hits and misses there is hit_ratio.
///
/// Threads, Cost and Lifetime as for counter.
/// Errors   as recorder::bind_counter(). A value outside of the enumeration counts nothing.
template <class Enumeration, std::size_t Values>
requires std::is_enum_v<Enumeration>
class counters_by {
 public:
  counters_by(recorder& telemetry, const instrument& instrument, std::string_view key,
              attributes labels = {}) {
    for (std::size_t i = 0; i < Values; ++i) {
      labels.set({key, std::string_view{to_string(static_cast<Enumeration>(i))}});
      counters_[i] = telemetry.bind_counter(instrument, labels);
    }
  }

  void add(Enumeration value, std::uint64_t amount = 1) const noexcept {
    const auto place = static_cast<std::size_t>(value);
    if (place < Values) counters_[place].add(amount);
  }

 private:
  std::array<counter, Values> counters_;
};

enum class hit_or_miss : std::uint8_t { hit, miss };

[[nodiscard]] constexpr std::string_view to_string(hit_or_miss result) noexcept {
  return result == hit_or_miss::hit ? "hit" : "miss";
}

/// Counts what went one way or the other, by `querytap.result` = `hit` or `miss`: answers from a cache,
/// questions that were answered, checks that passed.
///
///     const hit_ratio cached{recorder, answer_cache};
///     cached.add(found ? hit_or_miss::hit : hit_or_miss::miss);
class hit_ratio : public counters_by<hit_or_miss, 2> {
 public:
  hit_ratio(recorder& telemetry, const instrument& instrument, attributes labels = {})
      : counters_by{telemetry, instrument, "querytap.result", std::move(labels)} {}
};

}  // namespace querytap
