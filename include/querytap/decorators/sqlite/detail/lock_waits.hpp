#pragma once

#include <querytap/base/detail/features.hpp>
#include <querytap/base/duration.hpp>

#include <sqlite3.h>

#include <atomic>
#include <bit>
#include <cstdint>
#include <utility>

namespace querytap::sqlite::detail {

/// How long this thread has waited for locks in the call of SQLite's that it makes.
extern thread_local constinit std::chrono::nanoseconds current_lock_wait QUERYTAP_INITIAL_EXEC;

/// What `call` returns. Adds to `waited` how long it waited for locks; a call of another connection
/// that is made meanwhile has its waits to itself.
template <class Call>
int with_lock_waits(std::chrono::nanoseconds& waited, Call call) {
  const std::chrono::nanoseconds before = current_lock_wait;
  const int code = call();
  waited += std::exchange(current_lock_wait, before) - before;
  return code;
}

/// SQLite's busy handler of a connection, which measures how long a thread waits, and the number of
/// the file that is waited for.
///
/// Threads  any number at once, if the connection is shared between threads.
class lock_waits {
 public:
  using busy_handler = int (*)(void* context, int times);

  explicit lock_waits(std::uint64_t file) noexcept : file_{file} {}

  /// As in call_report::database_file.
  [[nodiscard]] std::uint64_t file() const noexcept { return file_; }

  /// As the busy handler of this connection, with this timeout.
  void install(sqlite3* db, std::chrono::milliseconds timeout) noexcept;
  /// The same around a busy handler of the application's, whose time is measured.
  void install(sqlite3* db, busy_handler handler, void* context) noexcept;

  /// SQLite waits without it from now on: what it has outlives this.
  void hand_back(sqlite3* db) noexcept;

  /// The application may change the busy handler now. Looked for after the first, second, fourth,
  /// eighth … time, for looking takes as long as a short query.
  void hand_out() noexcept {
    const std::uint64_t times = load(handed_out_) + 1;
    store(handed_out_, times);
    if (std::has_single_bit(times)) look_for_replacement();
  }
  /// The busy handler may be another one by now.
  void look_for_replacement() noexcept { store(may_be_replaced_, true); }
  /// The same, if the application ever got the native connection.
  void look_for_replacement_if_handed_out() noexcept {
    if (load(handed_out_) != 0) look_for_replacement();
  }
  [[nodiscard]] bool may_be_replaced() const noexcept { return load(may_be_replaced_); }
  /// Takes over the timeout that has replaced this handler, if one has.
  void restore(sqlite3* db) noexcept;

 private:
  /// Sleeps a little longer each time. Returns 0 once the timeout has passed: SQLite then reports
  /// SQLITE_BUSY.
  static int wait(void* self, int times);
  [[nodiscard]] int sleep(int times);

  // ORDER relaxed: each is read by itself. Of two hand-outs at once, one may not be counted.
  template <class T>
  static T load(const std::atomic<T>& value) noexcept {
    return value.load(std::memory_order_relaxed);
  }
  template <class T>
  static void store(std::atomic<T>& value, T fresh) noexcept {
    value.store(fresh, std::memory_order_relaxed);
  }

  std::atomic<std::chrono::milliseconds> timeout_{};
  std::atomic<std::uint64_t> handed_out_{0};  // how often the application got the native connection
  std::atomic<bool> may_be_replaced_{false};  // by the application, as the busy handler
  // These under SQLite's lock:
  std::chrono::nanoseconds current_wait_{};  // since SQLite last began to wait
  busy_handler handler_ = nullptr;           // of the application's
  void* context_ = nullptr;
  const std::uint64_t file_;
};

}  // namespace querytap::sqlite::detail
