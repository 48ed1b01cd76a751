#include <querytap/decorators/sqlite/c_api.hpp>

#include "connection_calls.hpp"
#include "schema_columns.hpp"

#include <array>
#include <climits>
#include <cstring>
#include <vector>

namespace querytap::sqlite {
namespace {

/// One row for the callback of sqlite3_exec(): text, and a null pointer for NULL.
class row_of_texts {
 public:
  explicit row_of_texts(sqlite3_stmt* source) : source_{source} {
    const int columns = sqlite3_column_count(source);
    for (int i = 0; i < columns; ++i) {
      names_.push_back(const_cast<char*>(sqlite3_column_name(source, i)));
    }
    values_.resize(names_.size() + 1);
    names_.push_back(nullptr);
  }

  template <class Callback>
  [[nodiscard]] int give_to(Callback callback, void* context) {
    const int columns = static_cast<int>(names_.size()) - 1;
    for (int i = 0; i < columns; ++i) {
      const unsigned char* const text = sqlite3_column_text(source_, i);
      values_[static_cast<std::size_t>(i)] = const_cast<char*>(reinterpret_cast<const char*>(text));
    }
    return callback(context, columns, values_.data(), names_.data());
  }

 private:
  sqlite3_stmt* source_;
  std::vector<char*> names_;
  std::vector<char*> values_;
};

/// SQLite frees the message with sqlite3_free().
int with_message(int code, const char* text, char** message) noexcept {
  if (message != nullptr && code != SQLITE_OK) *message = sqlite3_mprintf("%s", text);
  return code;
}

}  // namespace

int c_access::open(connection& db, const char* path, int flags, const char* vfs) noexcept {
  return db.open_as(path, flags, vfs);
}

int c_access::close(connection& db, int (*close)(sqlite3*)) noexcept { return db.close_by(close); }

// SQLite leaves what it was to make null where it fails, or finds no statement.
int c_access::prepare(connection& db, const char* sql, int size, unsigned flags, statement* made,
                      const char** rest, code_location site) noexcept {
  if (!db.is_open() || sql == nullptr || made == nullptr) {
    sqlite3_stmt* none = nullptr;
    return ::sqlite3_prepare_v3(db.handle_.get(), sql, size, flags, &none, rest);
  }
  *made = statement{};
  if (db.state_->waits.may_be_replaced()) db.state_->waits.restore(db.handle_.get());
  const detail::held_connection held{db.handle_.get()};
  const char* end = sql;
  connection::compiled_text compiled = db.compile(sql, size, flags, end);
  const int code = compiled.code;
  if (rest != nullptr) *rest = end;
  if (code != SQLITE_OK) {
    db.record_refusal(compiled.text, detail::extended_code(db.handle_.get(), code), site,
                      &compiled.cost);
  } else if (compiled.handle != nullptr) {
    db.count(compiled.cost);
    *made = db.statement_of(std::move(compiled));
  }
  return code;
}

int c_access::clear_bindings(statement& target) noexcept {
  target.notes_.clear();
  target.notes_values_ = false;
  return target.handle_ == nullptr ? SQLITE_MISUSE : ::sqlite3_clear_bindings(target.handle_.get());
}

// Until a callback says otherwise, as sqlite3_exec() does: one statement after the other.
int sqlite3_exec(connection& db, const char* sql, int (*callback)(void*, int, char**, char**),
                 void* context, char** message, code_location site) noexcept try {
  if (!c_access::is_open(db)) return ::sqlite3_exec(db, sql, callback, context, message);
  // As SQLite's: the message is this call's, whatever other threads call.
  const detail::held_connection held{detail::connection_calls::handle_of(db)};
  if (message != nullptr) *message = nullptr;
  for (const char* rest = sql == nullptr ? "" : sql; *rest != '\0';) {
    statement next;
    int code = c_access::prepare(db, rest, -1, 0, &next, &rest, site);
    if (code != SQLITE_OK) return with_message(code, sqlite3_errmsg(db), message);
    if (next == nullptr) continue;
    row_of_texts row{next};
    while ((code = c_access::step(next, site)) == SQLITE_ROW) {
      if (callback == nullptr || row.give_to(callback, context) == 0) continue;
      c_access::finalize(next);
      return with_message(SQLITE_ABORT, sqlite3_errstr(SQLITE_ABORT), message);
    }
    code = c_access::finalize(next);
    if (code != SQLITE_OK) return with_message(code, sqlite3_errmsg(db), message);
  }
  return SQLITE_OK;
} catch (const std::bad_alloc&) {
  return SQLITE_NOMEM;
}

int sqlite3_get_table(connection& db, const char* sql, char*** table, int* rows, int* columns,
                      char** message, code_location site) noexcept {
  using detail::connection_calls;
  if (!c_access::is_open(db)) return SQLITE_MISUSE;
  sqlite3* const handle = connection_calls::handle_of(db);
  const querytap::statement& identity = detail::refused_statement(
      connection_calls::backend_of(db), handle, sql == nullptr ? "" : sql);
  operation call{identity, site};
  const auto& state = connection_calls::state_of(db);
  {
    const detail::held_connection held{handle};
    call.of(state->open);
  }
  int found = 0;
  std::chrono::nanoseconds waited{};
  const int code = detail::with_lock_waits(
      waited, [&] { return ::sqlite3_get_table(handle, sql, table, &found, columns, message); });
  if (rows != nullptr) *rows = found;
  if (waited.count() != 0) call.spent(phase::lock_wait, waited);
  if (code == SQLITE_OK) {
    call.rows(static_cast<std::uint64_t>(found));
  } else {
    call.fail(detail::outcome_of(detail::extended_code(handle, code)));
  }
  const detail::held_connection held{handle};
  call.finish();
  state->look_at_transaction(handle, identity.identity(), code != SQLITE_OK, site);
  return code;
}

int sqlite3_bind_text(statement& target, int index, const char* value, int size,
                      void (*destroy)(void*)) noexcept {
  if (value == nullptr) return sqlite3_bind_null(target, index);
  if (destroy != SQLITE_TRANSIENT && destroy != SQLITE_STATIC) {
    return c_access::bound_unknown(::sqlite3_bind_text(target, index, value, size, destroy), target,
                                   index);
  }
  const std::size_t length = size < 0 ? std::strlen(value) : static_cast<std::size_t>(size);
  return c_access::bound(::sqlite3_bind_text(target, index, value, size, destroy), target, index,
                         std::string_view{value, length});
}

int sqlite3_bind_blob(statement& target, int index, const void* value, int size,
                      void (*destroy)(void*)) noexcept {
  const bool is_kept = destroy == SQLITE_TRANSIENT || destroy == SQLITE_STATIC;
  const int code = ::sqlite3_bind_blob(target, index, value, size, destroy);
  if (value == nullptr || size < 0 || !is_kept) {
    return c_access::bound_unknown(code, target, index);
  }
  return c_access::bound(
      code, target, index,
      std::span{static_cast<const std::byte*>(value), static_cast<std::size_t>(size)});
}

int sqlite3_busy_timeout(connection& db, int milliseconds) noexcept {
  if (!c_access::is_open(db)) return SQLITE_MISUSE;
  db.set_busy_timeout(std::chrono::milliseconds{milliseconds < 0 ? 0 : milliseconds});
  return SQLITE_OK;
}

int sqlite3_busy_handler(connection& db, int (*handler)(void*, int), void* context) noexcept {
  if (!c_access::is_open(db)) return SQLITE_MISUSE;
  db.set_busy_handler(handler, context);
  return SQLITE_OK;
}

int sqlite3_wal_checkpoint_v2(connection& db, const char* schema, int mode, int* log,
                              int* checkpointed, code_location site) noexcept {
  if (!c_access::is_open(db)) return SQLITE_MISUSE;
  return detail::checkpoint(db, schema, mode, log, checkpointed, site);
}

}  // namespace querytap::sqlite
