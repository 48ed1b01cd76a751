#include <querytap/decorators/sqlite/observation.hpp>

#include "open_database.hpp"
#include "schema_columns.hpp"
#include "sqlite_error.hpp"
#include "trace_hooks.hpp"

#include <querytap/recording/recorder.hpp>

#include <cstring>
#include <string_view>
#include <utility>

// Left out of a SQLite without deprecated functions.
#pragma weak sqlite3_expired

namespace querytap::sqlite {
namespace detail {
namespace {

/// The code of the failure that SQLite's error log has reported on this thread, for the execution that
/// ends next.
thread_local constinit int last_logged_failure QUERYTAP_INITIAL_EXEC = SQLITE_OK;

constexpr unsigned events_seen = SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE | SQLITE_TRACE_CLOSE;

std::uint64_t vm_steps_of(sqlite3_stmt* handle) noexcept {
  return static_cast<std::uint32_t>(sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_VM_STEP, 0));
}

std::uint64_t reprepares_of(sqlite3_stmt* handle) noexcept {
  return static_cast<std::uint32_t>(sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_REPREPARE, 0));
}

bool is_expired(sqlite3_stmt* handle) noexcept {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  const auto expired = &sqlite3_expired;
#pragma GCC diagnostic pop
  return expired != nullptr && expired(handle) != 0;
}

/// COMMIT looks at foreign keys before it waits for a lock.
bool breaks_deferred_keys(sqlite3_stmt* commit) noexcept {
  sqlite3* const db = sqlite3_db_handle(commit);
  int broken = 0;
  int highest = 0;
  const int code = sqlite3_db_status(db, SQLITE_DBSTATUS_DEFERRED_FKS, &broken, &highest, 0);
  return code == SQLITE_OK && broken != 0 && sqlite3_column_count(commit) == 0;
}

sqlite3* checked(sqlite3* db) {
  if (db == nullptr) throw error{SQLITE_MISUSE, "sqlite: there is no connection to observe"};
  return db;
}

}  // namespace

trace_hooks::trace_hooks(recorder& telemetry, sqlite3* db, const observation_options& options)
    : options_{options},
      db_{checked(db)},
      backend_{telemetry,
               backend_options_of(db, options.slow_threshold, options.slow_multiple, false)},
      metrics_{telemetry.part<statement_metrics>()},
      file_{number_of_file(db)},
      is_shared_{sqlite3_db_mutex(db) != nullptr} {
  backend_.add_file(file_);
  executions_.reserve(4);
  const unsigned rows = options_.counts_rows ? SQLITE_TRACE_ROW : 0;
  sqlite3_trace_v2(db, events_seen | rows | options_.next_mask, &on_event, this);
}

trace_hooks::~trace_hooks() {
  if (db_ == nullptr) return;
  const held_connection held{db_};
  if (is_in_place()) leave();
}

void trace_hooks::leave() noexcept {
  sqlite3_trace_v2(db_, options_.next_mask, options_.next, options_.next_context);
}

// SQLite does not say which callback it has, but calls it. What the application's next sees of this is a
// statement as any other.
bool trace_hooks::is_in_place() noexcept {
  sqlite3_stmt* probe = nullptr;
  sqlite3_prepare_v2(db_, "select 1", -1, &probe, nullptr);
  probe_ = probe;
  probe_was_seen_ = false;
  sqlite3_step(probe);
  sqlite3_finalize(probe);
  return std::exchange(probe_was_seen_, false);
}

int trace_hooks::on_event(unsigned event, void* self, void* first, void* second) {
  trace_hooks& hooks = *static_cast<trace_hooks*>(self);
  const observation_options next = hooks.options_;  // closing may be the end of the hooks
  switch (event) {
    case SQLITE_TRACE_STMT:
      hooks.on_statement(static_cast<sqlite3_stmt*>(first), static_cast<const char*>(second));
      break;
    case SQLITE_TRACE_ROW: hooks.on_row(static_cast<sqlite3_stmt*>(first)); break;
    case SQLITE_TRACE_PROFILE: hooks.on_end(static_cast<sqlite3_stmt*>(first)); break;
    case SQLITE_TRACE_CLOSE: hooks.on_close(); break;
    default: break;
  }
  if (next.next != nullptr && (next.next_mask & event) != 0) {
    return next.next(event, next.next_context, first, second);
  }
  return 0;
}

// A statement of a trigger comes with the statement of the user that runs it, and one of a virtual
// table as its own: with another text in both cases, a comment.
void trace_hooks::on_statement(sqlite3_stmt* handle, const char* text) noexcept {
  if (handle == probe_) {
    probe_was_seen_ = true;
    return;
  }
  const char* const own = sqlite3_sql(handle);
  if (own == nullptr || text == nullptr) return;
  if (own != text && std::strcmp(own, text) != 0) return;
  last_logged_failure = SQLITE_OK;
  end_lost_retries(handle);
  if (execution* known = find(handle)) {
    // Else compiling anew has failed, and SQLite has placed another statement, or begins it once more.
    const bool was_compiled = reprepares_of(handle) != known->reprepares_at_begin;
    const bool was_lost = known->is_begun_anew && !was_compiled;
    if (std::exchange(known->is_begun_anew, false) && was_compiled) return;
    end(*known, was_lost ? SQLITE_SCHEMA : SQLITE_OK);
  }
  begin(handle, text);
}

void trace_hooks::begin(sqlite3_stmt* handle, const char* text) noexcept {
  try {
    execution* free = find(nullptr);
    if (free == nullptr) free = &executions_.emplace_back();
    free->handle = handle;
    free->rows = 0;
    free->is_begun_anew = false;
    free->counted = {};
    static_cast<void>(free->counted.take(handle));
    free->steps_at_begin = vm_steps_of(handle);
    free->reprepares_at_begin = reprepares_of(handle);
    free->call.emplace(refused_statement(backend_, db_, text), code_location{});
    last_ = static_cast<std::size_t>(free - executions_.data());
  } catch (const std::exception&) {
    return;  // no memory: the execution is not counted
  }
}

trace_hooks::execution* trace_hooks::find(sqlite3_stmt* handle) noexcept {
  if (last_ < executions_.size() && executions_[last_].handle == handle) {
    return &executions_[last_];
  }
  for (std::size_t i = 0; i < executions_.size(); ++i) {
    if (executions_[i].handle != handle) continue;
    last_ = i;
    return &executions_[i];
  }
  return nullptr;
}

void trace_hooks::on_row(sqlite3_stmt* handle) noexcept {
  if (execution* known = find(handle)) ++known->rows;
}

// Called when a step has reached the end or failed, before the connection has its code, and when a
// statement is reset before its end.
void trace_hooks::on_end(sqlite3_stmt* handle) noexcept {
  execution* const known = find(handle);
  const int logged = std::exchange(last_logged_failure, SQLITE_OK);
  if (known == nullptr) return;
  if (sqlite3_stmt_busy(handle) != 0) {
    // It runs. With a row, it is left before its end; without one, a step could not get a lock.
    if (sqlite3_data_count(handle) != 0) return end(*known, SQLITE_OK);
    return end(*known, breaks_deferred_keys(handle) ? SQLITE_CONSTRAINT_FOREIGNKEY : SQLITE_BUSY);
  }
  // SQLite has found that the schema has changed, and compiles and begins anew, within one step.
  constexpr std::uint64_t steps_to_look_at_schema = 2;
  const bool has_hardly_begun =
      vm_steps_of(handle) - known->steps_at_begin <= steps_to_look_at_schema;
  if (has_hardly_begun && is_expired(handle) && !known->is_begun_anew) {
    known->is_begun_anew = true;
    return;
  }
  end(*known, logged);
}

// Where compiling anew fails, nothing is called.
void trace_hooks::end_lost_retries(const sqlite3_stmt* begun) noexcept {
  for (execution& open : executions_) {
    if (open.is_begun_anew && open.handle != nullptr && open.handle != begun) {
      open.is_begun_anew = false;
      end(open, SQLITE_SCHEMA);
    }
  }
}

void trace_hooks::end(execution& ended, int code) noexcept {
  sqlite3_stmt* const handle = std::exchange(ended.handle, nullptr);
  operation& call = *ended.call;
  if (options_.counts_rows && ended.rows != 0) call.rows(ended.rows);
  if (is_busy(code)) call.was(phase::lock_wait);
  if (code != SQLITE_OK) call.fail(outcome_of(code));
  const statement_counters counted =
      code == SQLITE_SCHEMA ? statement_counters{} : ended.counted.take(handle);
  metrics_.add(counted);
  call.finish([&](querytap::detail::call_extras& extras) {
    add_means(extras, counted, 1);
    extras.database_file = file_;
  });
  ended.call.reset();
}

// SQLite may refuse to close, and does not say so: what it called afterwards would be gone.
void trace_hooks::on_close() noexcept {
  end_lost_retries(nullptr);
  for (execution& open : executions_) {
    if (open.handle != nullptr) end(open, SQLITE_OK);
  }
  leave();
  db_ = nullptr;
}

}  // namespace detail

observation::observation(std::unique_ptr<detail::trace_hooks> hooks) noexcept
    : hooks_{std::move(hooks)} {}
observation::observation(observation&&) noexcept = default;
observation& observation::operator=(observation&&) noexcept = default;
observation::~observation() = default;

bool observation::is_active() const noexcept { return hooks_ != nullptr && hooks_->is_active(); }

observation observe(recorder& telemetry, sqlite3* db, const observation_options& options) {
  return observation{std::make_unique<detail::trace_hooks>(telemetry, db, options)};
}

// Also notices, warnings and errors that SQLite gets over are logged: only what ends a statement counts.
void error_log(void*, int code, const char* message) noexcept {
  const std::string_view text = message == nullptr ? "" : message;
  if (text.starts_with("statement aborts at ") || text.starts_with("abort at ")) {
    detail::last_logged_failure = code;
  }
}

}  // namespace querytap::sqlite
