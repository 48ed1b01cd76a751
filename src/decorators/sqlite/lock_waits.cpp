#include <querytap/decorators/sqlite/detail/lock_waits.hpp>

#include "sqlite_error.hpp"

#include <algorithm>
#include <array>

namespace querytap::sqlite::detail {

thread_local constinit std::chrono::nanoseconds current_lock_wait{};

namespace {

// That of sqlite3_busy_timeout(); 0 where a busy handler is in place, or nothing.
std::chrono::milliseconds busy_timeout_in_place(sqlite3* db) noexcept {
  sqlite3_stmt* pragma = nullptr;
  sqlite3_prepare_v2(db, "PRAGMA busy_timeout", -1, &pragma, nullptr);
  const bool is_known = pragma != nullptr && sqlite3_step(pragma) == SQLITE_ROW;
  const std::chrono::milliseconds timeout{is_known ? sqlite3_column_int(pragma, 0) : 0};
  sqlite3_finalize(pragma);
  return timeout;
}

}  // namespace

// The delays of SQLite's own busy handler, which does not report how long it waited.
int lock_waits::sleep(int times) {
  using std::chrono::milliseconds;
  constexpr std::array<milliseconds, 12> delays{
      milliseconds{1},  milliseconds{2},  milliseconds{5},  milliseconds{10},
      milliseconds{15}, milliseconds{20}, milliseconds{25}, milliseconds{25},
      milliseconds{25}, milliseconds{50}, milliseconds{50}, milliseconds{100}};
  if (times == 0) current_wait_ = {};
  const auto left = load(timeout_) - current_wait_;
  if (left <= std::chrono::nanoseconds::zero()) return 0;
  const auto delay = delays[std::min(static_cast<std::size_t>(times), delays.size() - 1)];
  sqlite3_sleep(static_cast<int>(
      std::min<milliseconds>(delay, std::chrono::ceil<milliseconds>(left)).count()));
  return 1;
}

int lock_waits::wait(void* self, int times) {
  lock_waits& waits = *static_cast<lock_waits*>(self);
  const auto begin = std::chrono::steady_clock::now();
  const int answer =
      waits.handler_ == nullptr ? waits.sleep(times) : waits.handler_(waits.context_, times);
  const std::chrono::nanoseconds waited = std::chrono::steady_clock::now() - begin;
  if (waits.handler_ == nullptr && answer == 0) return 0;
  waits.current_wait_ += waited;
  current_lock_wait += waited;
  return answer;
}

void lock_waits::install(sqlite3* db, std::chrono::milliseconds timeout) noexcept {
  const held_connection held{db};
  store(timeout_, timeout);
  handler_ = nullptr;
  sqlite3_busy_handler(db, &wait, this);
}

void lock_waits::install(sqlite3* db, busy_handler handler, void* context) noexcept {
  const held_connection held{db};
  store(timeout_, std::chrono::milliseconds::zero());
  handler_ = handler;
  context_ = context;
  sqlite3_busy_handler(db, &wait, this);
}

void lock_waits::hand_back(sqlite3* db) noexcept {
  const held_connection held{db};
  if (handler_ != nullptr) {
    sqlite3_busy_handler(db, handler_, context_);
  } else {
    sqlite3_busy_timeout(db, static_cast<int>(load(timeout_).count()));
  }
}

void lock_waits::restore(sqlite3* db) noexcept {
  store(may_be_replaced_, false);
  const std::chrono::milliseconds replaced_by = busy_timeout_in_place(db);
  if (replaced_by > std::chrono::milliseconds::zero()) install(db, replaced_by);
}

}  // namespace querytap::sqlite::detail
