#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/statement_identity.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace querytap::detail {

class backend_state;
class request_series;

/// What other threads see of a connection's transaction.
///
/// Threads  written by the connection's thread; read by any, at any time.
/// ORDER    stored with release and loaded with acquire. A reader loads `number` and `idle_since`, then
///          the lines, then the two again: a line that is of a later transaction, or of a later time of
///          idling, was stored after the 0 of the one before, which the reader then sees.
class open_transaction {
 public:
  struct idling {
    std::uint64_t number = 0;  // of the transaction; 0: it does not idle
    std::uint64_t since = 0;   // ticks
    code_location began_at = {};
    code_location after = {};
  };

  void begin(std::uint64_t number, code_location site) noexcept {
    began_at_.store(site.pointer(), std::memory_order_release);
    number_.store(number, std::memory_order_release);
  }
  void begin_idling(std::uint64_t ticks, code_location site) noexcept {
    after_.store(site.pointer(), std::memory_order_release);
    idle_since_.store(ticks, std::memory_order_release);
  }
  void end_idling() noexcept { idle_since_.store(0, std::memory_order_release); }
  void end() noexcept {
    end_idling();
    number_.store(0, std::memory_order_release);
  }

  [[nodiscard]] bool is(std::uint64_t number) const noexcept {
    return number_.load(std::memory_order_acquire) == number;
  }
  [[nodiscard]] idling read() const noexcept;

 private:
  std::atomic<std::uint64_t> number_{0};  // 0: none is open
  std::atomic<std::uint64_t> idle_since_{0};
  std::atomic<const void*> began_at_{nullptr};
  std::atomic<const void*> after_{nullptr};
};

/// Calls of other backends while a transaction is open. All but the numbers are of the longest.
struct foreign_calls {
  std::uint64_t calls = 0;
  std::uint64_t nanoseconds = 0;
  std::uint64_t longest = 0;     // nanoseconds
  std::string_view system = {};  // alive as long as the recorder
  std::shared_ptr<const statement_identity> statement = nullptr;
  code_location site = {};
};

/// A transaction with something to report, on its way from its thread to the collector. Owns a reference
/// to the series of its request.
struct pending_transaction {
  const backend_state* backend = nullptr;
  const request_series* request = nullptr;  // null outside of a request
  code_location began_at = {};
  std::uint64_t nanoseconds = 0;
  std::uint64_t idle = 0;  // nanoseconds: the longest time in which nothing was called
  code_location idle_after = {};
  code_location idle_until = {};
  foreign_calls foreign = {};
};

}  // namespace querytap::detail
