#pragma once

#include <querytap/base/code_location.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Who has a slot, for readers that take no lock.
///
/// Threads  begin(), set_server_pid() and end(): the thread that has taken the slot. read(): any, at any time.
/// Cost     begin(): some ten stores, and a copy of the request's name. No allocation.
/// ORDER    The number is 0 while the slot is not lent, and no two leases of a pool have the same. The writer stores
///          the other members with release, then the number with release; end() stores 0 before the next lease
///          begins. The reader loads the number with acquire, the members with acquire, then the number again.
///          A reader that sees a member of a later lease sees the 0 before it too, or a later number, and tries
///          again. On x86 these are plain moves.
class lease_record {
 public:
  /// Bytes up to the first 0. Apart from the rest, which then is one line of the cache with the slot's own.
  using request_name = std::array<std::atomic<std::uint64_t>, 8>;

  struct content {
    std::uint64_t number = 0;  // 0: the slot is not lent, or is written all the time
    std::uint64_t begin = 0;   // ticks
    code_location site = {};
    std::uint32_t server_pid = 0;
    std::uint64_t thread = 0;
    std::string request = {};
  };

  /// `name` holds the name of a request; it is not touched without one.
  void begin(std::uint64_t number, std::uint64_t ticks, code_location site, std::uint64_t thread,
             std::string_view request, request_name& name) noexcept {
    begin_.store(ticks, std::memory_order_release);
    site_.store(site.pointer(), std::memory_order_release);
    thread_.store(thread, std::memory_order_release);
    server_pid_.store(0, std::memory_order_release);
    has_request_.store(request.empty() ? 0 : 1, std::memory_order_release);
    if (!request.empty()) store_request(request, name);
    number_.store(number, std::memory_order_release);
  }
  // Shown at once or a little later.
  void set_server_pid(std::uint32_t pid) noexcept {
    server_pid_.store(pid, std::memory_order_relaxed);
  }
  void end() noexcept { number_.store(0, std::memory_order_release); }

  [[nodiscard]] bool is_lent() const noexcept {
    return number_.load(std::memory_order_relaxed) != 0;
  }
  [[nodiscard]] std::uint64_t began() const noexcept {
    return begin_.load(std::memory_order_relaxed);
  }
  // For the thread that they are asked for, whose own lease does not change meanwhile.
  [[nodiscard]] bool is_of(std::uint64_t thread) const noexcept {
    return is_lent() && thread_.load(std::memory_order_relaxed) == thread;
  }
  [[nodiscard]] code_location site() const noexcept {
    return code_location::at(site_.load(std::memory_order_relaxed));
  }
  [[nodiscard]] content read(const request_name& name) const;

 private:
  static void store_request(std::string_view request, request_name& name) noexcept;
  [[nodiscard]] content read_once(const request_name& name) const;

  std::atomic<std::uint64_t> number_{0};
  std::atomic<std::uint64_t> begin_{0};
  std::atomic<const void*> site_{nullptr};  // code_location::pointer()
  std::atomic<std::uint64_t> thread_{0};
  std::atomic<std::uint32_t> server_pid_{0};
  std::atomic<std::uint32_t> has_request_{0};
};

}  // namespace querytap::detail
