#pragma once

#include "sqlite_error.hpp"

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/decorators/sqlite/connection.hpp>

#include <chrono>
#include <memory>
#include <string_view>

namespace querytap::sqlite::detail {

/// What calls of a connection that are no statements need of it.
struct connection_calls {
  [[nodiscard]] static sqlite3* handle_of(const connection& db) noexcept {
    return db.handle_.get();
  }
  [[nodiscard]] static const backend& backend_of(const connection& db) noexcept {
    return *db.backend_;
  }
  [[nodiscard]] static const std::shared_ptr<connection_state>& state_of(
      const connection& db) noexcept {
    return db.state_;
  }
};

/// One of SQLite's functions as an operation; returns its code. What `call` returns besides OK and
/// DONE is a failure of `db`. `owner` is the connection of the state; null: its busy handler is not
/// looked for.
template <class Call>
int measured_call(const backend& backend, const std::shared_ptr<connection_state>& state,
                  sqlite3* owner, sqlite3* db, std::string_view text, code_location site,
                  Call call) noexcept {
  if (owner != nullptr && state->waits.may_be_replaced()) state->waits.restore(owner);
  operation measured{backend.statement_for(text), site};
  if (owner != nullptr) {
    const held_connection held{owner};
    measured.of(state->open);
  }
  std::chrono::nanoseconds waited{};
  const int code = with_lock_waits(waited, call);
  if (waited.count() != 0) measured.spent(phase::lock_wait, waited);
  if (code != SQLITE_OK && code != SQLITE_DONE) {
    if (is_busy(code) && waited.count() == 0) measured.was(phase::lock_wait);
    measured.fail(outcome_of(extended_code(db, code)));
  }
  const held_connection held{owner};
  measured.finish([&](querytap::detail::call_extras& extras) {
    state->waits.look_for_replacement_if_handed_out();
    extras.database_file = state->waits.file();
  });
  return code;
}

/// As sqlite3_wal_checkpoint_v2(), measured.
int checkpoint(const connection& db, const char* schema, int mode, int* log, int* checkpointed,
               code_location site) noexcept;

}  // namespace querytap::sqlite::detail
