#pragma once

#include <querytap/recording/detail/lane.hpp>
#include <querytap/recording/detail/series.hpp>

#include <cstdint>

namespace querytap::detail {

/// Records the value once the thread's next call ends: it stays in the lane's pending record until
/// then, where a collection finds it. False, with nothing changed, where only record_with_next_slow()
/// can: the lane or a bucket is missing, or a bucket would wrap.
///
/// Threads  that of the current lane.
/// Cost     that of histogram::record(), and three stores. What a record has to wait for, an address
///          that depends on the value, so lies a whole call behind the clock read that made it.
[[nodiscard]] inline bool try_record_with_next(series& series, std::uint64_t value) noexcept {
  lane_directory& lane = *current_lane;
  if (lane.owner != series.recorder_id || value > pending_word::most) [[unlikely]]
    return false;
  const cell* const target = lane.find_cell(series.position);
  if (target == nullptr) [[unlikely]]
    return false;
  cell::page* const bucket = target->find_bucket(series.layout->find(value));
  pending_record& last = lane.pending;
  if (bucket == nullptr || last.series == nullptr) [[unlikely]]
    return false;
  // ORDER relaxed: only this thread writes the word.
  const std::uint64_t before = last.word.load(std::memory_order_relaxed);
  cell& written = *lane.find_cell(last.series->position);
  if (!written.record_in(*last.bucket, pending_word::value_of(before), [&] {
        last.word.store(pending_word::made_of(series.index, value));
      })) [[unlikely]]
    return false;
  last.series = &series;
  last.bucket = bucket;
  return true;
}

/// The same, whatever is missing.
void record_with_next_slow(series& series, std::uint64_t value) noexcept;

}  // namespace querytap::detail
