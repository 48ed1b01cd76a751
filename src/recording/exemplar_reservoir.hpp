#pragma once

#include <querytap/base/trace_context.hpp>
#include <querytap/snapshot/exemplar.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace querytap {

class clock;
class histogram_data;

namespace detail {

/// A few exemplars of one series in one lane, one for a power of two at most. Until they have been
/// collected slow ones drive out fast ones, from then on any newer one does.
///
/// Threads  one writer; any number of readers.
/// Cost     a walk over four slots, and a look at the calendar for the few that are kept.
/// ORDER    each slot is a sequence lock, as a cell is: odd while it is being written, stores with
///          release, loads with acquire.
class exemplar_reservoir {
 public:
  /// `collection` is the number of the collection to come.
  void offer(std::uint64_t value, const trace_context& trace, const clock& time,
             std::uint64_t collection) noexcept;

  /// Adds what is kept; leaves out what is being replaced at this moment.
  void read(histogram_data& to) const;

 private:
  static constexpr std::size_t size = 4;

  struct slot {
    std::atomic<std::uint64_t> sequence{0};  // 0: free
    std::atomic<std::uint64_t> value{0};
    std::atomic<std::int64_t> time{0};  // nanoseconds since the epoch
    std::array<std::atomic<std::uint64_t>, 4> trace{};
    std::uint64_t collection = 0;  // of the writer alone

    void store(const exemplar& one, std::uint64_t in_collection) noexcept;
    [[nodiscard]] std::optional<exemplar> load() const noexcept;
  };

  [[nodiscard]] slot* slot_for(std::uint64_t value, std::uint64_t collection) noexcept;

  std::array<slot, size> slots_{};
};

}  // namespace detail
}  // namespace querytap
