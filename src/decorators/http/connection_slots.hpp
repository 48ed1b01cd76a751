#pragma once

#include "http_connection.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

namespace querytap::detail {

/// The idle handles of a transport.
///
/// Threads  any number at once.
/// Cost     no lock; one exchange where the thread finds the handle that it used last.
class connection_slots {
 public:
  static constexpr std::size_t most = 64;

  explicit connection_slots(std::size_t count) noexcept : count_{count} {}
  connection_slots(const connection_slots&) = delete;
  connection_slots& operator=(const connection_slots&) = delete;
  ~connection_slots() {
    for (std::atomic<http_connection*>& slot : slots_) dispose(slot.load());
  }

  /// Null where none is idle.
  [[nodiscard]] std::unique_ptr<http_connection> take() noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      std::atomic<http_connection*>& slot = slot_at(i);
      if (slot.load(std::memory_order_relaxed) == nullptr) continue;
      // ORDER acquire: the handle as put() left it.
      std::unique_ptr<http_connection> taken{slot.exchange(nullptr, std::memory_order_acquire)};
      if (taken == nullptr) continue;
      if (taken->is_of_this_process()) return taken;
      taken->abandon();
    }
    return nullptr;
  }

  /// Closes it where there is no room.
  void put(std::unique_ptr<http_connection> idle) noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      http_connection* expected = nullptr;
      // ORDER release: paired with take().
      if (slot_at(i).compare_exchange_strong(expected, idle.get(), std::memory_order_release,
                                             std::memory_order_relaxed)) {
        static_cast<void>(idle.release());
        return;
      }
    }
  }

 private:
  static void dispose(http_connection* idle) noexcept {
    if (idle != nullptr && !idle->is_of_this_process()) idle->abandon();
    delete idle;
  }
  // Each thread begins at a place of its own, and finds its handle there.
  [[nodiscard]] std::atomic<http_connection*>& slot_at(std::size_t i) noexcept {
    static thread_local const char place = 0;
    const std::size_t first = (reinterpret_cast<std::uintptr_t>(&place) >> 12) % count_;
    return slots_[(first + i) % count_];
  }

  std::size_t count_;
  std::array<std::atomic<http_connection*>, most> slots_{};
};

}  // namespace querytap::detail
