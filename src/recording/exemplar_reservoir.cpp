#include "exemplar_reservoir.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/snapshot/histogram_data.hpp>

#include <algorithm>
#include <bit>
#include <chrono>

namespace querytap::detail {
namespace {

// A trace context as four words, and back.
struct trace_words {
  std::array<std::uint8_t, 16> trace_id;
  std::array<std::uint8_t, 8> span_id;
  std::uint64_t flags;
};
static_assert(sizeof(trace_words) == 32);

}  // namespace

void exemplar_reservoir::offer(std::uint64_t value, const trace_context& trace, const clock& time,
                               std::uint64_t collection) noexcept {
  slot* const entry = slot_for(value, collection);
  if (entry != nullptr) entry->store({value, time.wall(), trace}, collection);
}

void exemplar_reservoir::absorb(const exemplar_reservoir& other,
                                std::uint64_t collection) noexcept {
  for (const slot& stored : other.slots_) {
    const auto exemplar = stored.load();
    slot* const entry = exemplar ? slot_for(exemplar->value, collection) : nullptr;
    if (entry != nullptr) entry->store(*exemplar, collection);
  }
}

exemplar_reservoir::slot* exemplar_reservoir::slot_for(std::uint64_t value,
                                                       std::uint64_t collection) noexcept {
  // What a value must exceed to replace the slot: a free slot is replaced before a collected
  // exemplar, and a collected exemplar before one that was not.
  const auto worth = [&](const slot& entry) {
    if (entry.sequence.load(std::memory_order_relaxed) == 0) return std::int64_t{-2};
    if (entry.collection != collection) return std::int64_t{-1};
    return static_cast<std::int64_t>(entry.value.load(std::memory_order_relaxed) >> 1);
  };
  const auto holds_power_of_two = [&](const slot& entry) {
    return entry.sequence.load(std::memory_order_relaxed) != 0 &&
           std::bit_width(entry.value.load(std::memory_order_relaxed)) == std::bit_width(value);
  };
  auto place = std::ranges::find_if(slots_, holds_power_of_two);
  if (place == slots_.end()) place = std::ranges::min_element(slots_, {}, worth);
  return static_cast<std::int64_t>(value >> 1) > worth(*place) ? &*place : nullptr;
}

void exemplar_reservoir::read(histogram_data& histogram) const {
  for (const slot& entry : slots_) {
    if (const auto exemplar = entry.load()) histogram.add_exemplar(*exemplar);
  }
}

void exemplar_reservoir::slot::store(const exemplar& exemplar,
                                     std::uint64_t in_collection) noexcept {
  const auto words = std::bit_cast<std::array<std::uint64_t, 4>>(
      trace_words{exemplar.trace.trace_id, exemplar.trace.span_id, exemplar.trace.flags});
  const std::uint64_t before = sequence.load(std::memory_order_relaxed);
  sequence.store(before + 1, std::memory_order_relaxed);
  value.store(exemplar.value, std::memory_order_release);
  time.store(std::chrono::duration_cast<std::chrono::nanoseconds>(exemplar.time.time_since_epoch())
                 .count(),
             std::memory_order_release);
  for (std::size_t i = 0; i < trace.size(); ++i) {
    trace[i].store(words[i], std::memory_order_release);
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
          std::chrono::nanoseconds{time.load(std::memory_order_acquire)})};
  std::array<std::uint64_t, 4> words{};
  for (std::size_t i = 0; i < trace.size(); ++i) {
    words[i] = trace[i].load(std::memory_order_acquire);
  }
  // ORDER relaxed: the acquire loads above come before this load.
  if (sequence.load(std::memory_order_relaxed) != before) return std::nullopt;
  const auto read_back = std::bit_cast<trace_words>(words);
  result.trace = {read_back.trace_id, read_back.span_id,
                  static_cast<std::uint8_t>(read_back.flags)};
  return result;
}

}  // namespace querytap::detail
