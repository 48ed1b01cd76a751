#pragma once

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/decorators/sqlite/detail/statement_metrics.hpp>
#include <querytap/decorators/sqlite/observation.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace querytap::sqlite::detail {

/// The trace callback of an observed connection, and its executions that have not ended.
///
/// Threads  one at a time: that which has SQLite's lock, or the connection's only one.
class trace_hooks {
 public:
  trace_hooks(recorder& telemetry, sqlite3* db, const observation_options& options);
  trace_hooks(const trace_hooks&) = delete;
  trace_hooks& operator=(const trace_hooks&) = delete;
  ~trace_hooks();

  [[nodiscard]] bool is_active() const noexcept { return db_ != nullptr; }

 private:
  struct execution {
    sqlite3_stmt* handle = nullptr;  // null: the place is free
    std::optional<operation> call;
    std::uint64_t rows = 0;
    counter_reader counted;
    std::uint64_t steps_at_begin = 0;
    std::uint64_t reprepares_at_begin = 0;
    bool is_begun_anew = false;  // by SQLite, since the schema had changed
  };

  static int on_event(unsigned event, void* self, void* first, void* second);
  void on_statement(sqlite3_stmt* handle, const char* text) noexcept;
  void on_row(sqlite3_stmt* handle) noexcept;
  void on_end(sqlite3_stmt* handle) noexcept;
  void on_close() noexcept;

  [[nodiscard]] execution* find(sqlite3_stmt* handle) noexcept;
  void begin(sqlite3_stmt* handle, const char* text) noexcept;
  void end(execution& ended, int code) noexcept;
  void end_lost_retries(const sqlite3_stmt* begun) noexcept;
  /// The application may have set another callback meanwhile.
  [[nodiscard]] bool is_in_place() noexcept;
  void leave() noexcept;

  const observation_options options_;
  sqlite3* db_;  // null once it is closed
  const backend backend_;
  const statement_metrics& metrics_;
  const std::uint64_t file_;
  const bool is_shared_;
  std::vector<execution> executions_;
  std::size_t last_ = 0;  // the place that was last found
  const sqlite3_stmt* probe_ = nullptr;
  bool probe_was_seen_ = false;
};

}  // namespace querytap::sqlite::detail
