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

/// A few exemplars of one cell, at most one for each power of two. Before they have
/// been collected, only a slower value replaces one; afterwards, any newer value does.
///
/// Threads  one writer at a time; any number of readers.
/// Cost     a loop over four slots, and a read of the wall clock for the few values that are
///          stored.
/// ORDER    each slot is a sequence lock, as a cell is: `sequence` is odd while the slot is being
///          written, stores are release, loads are acquire.
class exemplar_reservoir {
 public:
  /// `collection` is the number of the next collection.
  void offer(std::uint64_t value, const trace_context& trace, const clock& time,
             std::uint64_t collection) noexcept;

  /// Offers what another reservoir of the writer has stored.
  void absorb(const exemplar_reservoir& other, std::uint64_t collection) noexcept;

  /// Adds the stored exemplars, except those that are being replaced.
  void read(histogram_data& histogram) const;

 private:
  static constexpr std::size_t size = 4;

  struct slot {
    std::atomic<std::uint64_t> sequence{0};  // 0: free
    std::atomic<std::uint64_t> value{0};
    std::atomic<std::int64_t> time{0};  // nanoseconds since the epoch
    std::array<std::atomic<std::uint64_t>, 4> trace{};
    std::uint64_t collection = 0;  // of the writer alone

    void store(const exemplar& exemplar, std::uint64_t in_collection) noexcept;
    [[nodiscard]] std::optional<exemplar> load() const noexcept;
  };

  [[nodiscard]] slot* slot_for(std::uint64_t value, std::uint64_t collection) noexcept;

  std::array<slot, size> slots_{};
};

}  // namespace detail
}  // namespace querytap
