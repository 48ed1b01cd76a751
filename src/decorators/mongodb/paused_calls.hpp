#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/outcome.hpp>
#include <querytap/calls/statement.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace querytap::mongodb::detail {

/// A call of which more is to come: a find whose cursor has more documents, or an attempt that the driver will
/// make once more. It is not in flight meanwhile.
struct paused_call {
  statement_handle statement = {};
  code_location site = {};
  std::uint64_t begin = 0;  ///< ticks; of an attempt
  std::uint64_t spent = 0;  ///< ticks; by its commands so far
  std::uint64_t rows = 0;
  std::uint64_t batch_size = 0;
  std::uint32_t retries = 0;
  bool has_rows = false;
  outcome failure = {};  ///< of an attempt
  std::int64_t code = 0;
};

/// The paused calls of one client or pool, by the number of their cursor or operation.
///
/// Threads  any number at once: who has taken a call out has it alone.
/// Cost     64 loads at most; no lock. No allocation.
/// ORDER    a slot's call is published by the release store of its key, and taken by the
///          compare-and-swap with acquire that makes the slot `busy`.
class paused_calls {
 public:
  /// True with `found` set, once for each call that was put.
  [[nodiscard]] bool take(std::uint64_t number, paused_call& found) noexcept;
  /// Where all places are taken, `evicted` becomes the call that made room: true.
  [[nodiscard]] bool put(std::uint64_t number, paused_call&& call, paused_call& evicted) noexcept;

  template <class Visit>
  void take_all(Visit visit) noexcept {
    for (slot& each : slots_) {
      std::uint64_t key = each.key.load(std::memory_order_relaxed);
      paused_call found;
      if (key > busy && take_from(each, key, found)) visit(found);
    }
  }

 private:
  static constexpr std::uint64_t empty = 0;
  static constexpr std::uint64_t busy = 1;

  struct slot {
    std::atomic<std::uint64_t> key{empty};
    paused_call call;
  };

  [[nodiscard]] static std::uint64_t key_of(std::uint64_t number) noexcept {
    return number > busy ? number : number + 0x9E3779B97F4A7C15;
  }
  [[nodiscard]] static bool take_from(slot& slot, std::uint64_t key, paused_call& found) noexcept;
  static void fill(slot& slot, std::uint64_t key, paused_call&& call) noexcept;

  std::array<slot, 64> slots_;
  std::atomic<std::size_t> next_evicted_{0};
};

}  // namespace querytap::mongodb::detail
