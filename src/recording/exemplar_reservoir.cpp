#include "exemplar_reservoir.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/snapshot/histogram_data.hpp>

#include <algorithm>
#include <bit>
#include <chrono>

namespace querytap::detail {
namespace {

using nanoseconds = std::chrono::nanoseconds;

// A trace context as four words, and back.
struct words {
  std::array<std::uint8_t, 16> trace_id;
  std::array<std::uint8_t, 8> span_id;
  std::uint64_t flags;
};
static_assert(sizeof(words) == 32);

}  // namespace

void exemplar_reservoir::offer(std::uint64_t value, const trace_context& trace, const clock& time,
                               std::uint64_t collection) noexcept {
  slot* const to = slot_for(value, collection);
  if (to != nullptr) to->store({value, time.wall(), trace}, collection);
}

exemplar_reservoir::slot* exemplar_reservoir::slot_for(std::uint64_t value,
                                                       std::uint64_t collection) noexcept {
  // What a value must exceed to take the place: what is free yields before what was collected, and
  // that before what was not.
  const auto worth = [&](const slot& of) {
    if (of.sequence.load(std::memory_order_relaxed) == 0) return std::int64_t{-2};
    if (of.collection != collection) return std::int64_t{-1};
    return static_cast<std::int64_t>(of.value.load(std::memory_order_relaxed) >> 1);
  };
  const auto holds_power_of_two = [&](const slot& of) {
    return of.sequence.load(std::memory_order_relaxed) != 0 &&
           std::bit_width(of.value.load(std::memory_order_relaxed)) == std::bit_width(value);
  };
  auto place = std::ranges::find_if(slots_, holds_power_of_two);
  if (place == slots_.end()) place = std::ranges::min_element(slots_, {}, worth);
  return static_cast<std::int64_t>(value >> 1) > worth(*place) ? &*place : nullptr;
}

void exemplar_reservoir::read(histogram_data& to) const {
  for (const slot& one : slots_) {
    if (const auto ref_counted = one.load()) to.add_exemplar(*ref_counted);
  }
}

void exemplar_reservoir::slot::store(const exemplar& one, std::uint64_t in_collection) noexcept {
  const auto trace_words = std::bit_cast<std::array<std::uint64_t, 4>>(
      words{one.trace.trace_id, one.trace.span_id, one.trace.flags});
  const std::uint64_t before = sequence.load(std::memory_order_relaxed);
  sequence.store(before + 1, std::memory_order_relaxed);
  value.store(one.value, std::memory_order_release);
  time.store(std::chrono::duration_cast<nanoseconds>(one.time.time_since_epoch()).count(),
             std::memory_order_release);
  for (std::size_t i = 0; i < trace.size(); ++i) {
    trace[i].store(trace_words[i], std::memory_order_release);
  }
  sequence.store(before + 2, std::memory_order_release);
  collection = in_collection;
}

std::optional<exemplar> exemplar_reservoir::slot::load() const noexcept {
  const std::uint64_t before = sequence.load(std::memory_order_acquire);
  if (before == 0 || before % 2 != 0) return std::nullopt;
  exemplar result;
  result.value = value.load(std::memory_order_acquire);
  result.time = std::chrono::system_clock::time_point{
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          nanoseconds{time.load(std::memory_order_acquire)})};
  std::array<std::uint64_t, 4> trace_words{};
  for (std::size_t i = 0; i < trace.size(); ++i) {
    trace_words[i] = trace[i].load(std::memory_order_acquire);
  }
  // ORDER relaxed: the acquire loads before keep this one after them.
  if (sequence.load(std::memory_order_relaxed) != before) return std::nullopt;
  const auto read_back = std::bit_cast<words>(trace_words);
  result.trace = {read_back.trace_id, read_back.span_id,
                  static_cast<std::uint8_t>(read_back.flags)};
  return result;
}

}  // namespace querytap::detail
