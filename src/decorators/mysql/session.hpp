#pragma once

#include "session_transaction.hpp"
#include "timed_call.hpp"
#include "unindexed_calls.hpp"

#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/ledger_phase.hpp>
#include <querytap/decorators/mysql/connection.hpp>

#include <mysql.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace querytap::mysql::detail {

/// What is known of a connection beside its handle: the database it talks to, and which of its
/// operations are under way. The functions of the C API say what happens, in its order.
///
/// Threads  those of the connection.
class session {
 public:
  session(recorder& telemetry, const connection& owner, const connection_options& options);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session() { transaction_->session_is_gone(); }

  [[nodiscard]] static session& of(connection& owner) noexcept { return *owner.session_; }
  /// The part of mysql_init() and mysql_close() that a connection has no other way to.
  static void reopen(connection& owner) noexcept;
  static void set_on_heap(connection& owner) noexcept { owner.is_on_heap_ = true; }
  /// Forgets the handle, and ends what is under way; deletes what mysql_init() made. Returns the
  /// handle, if it is to be closed.
  static MYSQL* release(connection& owner) noexcept;
  static void end_release(connection& owner) noexcept;

  [[nodiscard]] MYSQL* native() const noexcept { return owner_.native(); }
  [[nodiscard]] const connection_options& options() const noexcept { return options_; }
  [[nodiscard]] unindexed_calls& unindexed() noexcept { return unindexed_; }
  /// Of the database that the handle is connected to, or would be.
  [[nodiscard]] const querytap::backend& backend() const noexcept { return *backend_; }
  /// The settings that the session has at this moment, as far as the server tells.
  [[nodiscard]] quoting quotes_for(std::string_view sql) const noexcept;
  [[nodiscard]] const querytap::statement& statement_for(std::string_view sql) noexcept;

  void begin_connect() noexcept;
  void end_connect(bool is_connected) noexcept;

  /// A text is sent, which may be of several statements.
  void begin_text(std::string_view sql, code_location site) noexcept;
  /// A command that is no statement, or a statement that the client library writes.
  void begin_command(std::string_view name, phase phase, code_location site) noexcept;
  /// Looks for the next result.
  void begin_next(code_location site) noexcept;
  /// The first answer has come, or none.
  void answered(bool failed) noexcept;
  void next_answered(int code) noexcept;
  /// The answer to a command that returns all its rows at once; null: it failed.
  void listed(const MYSQL_RES* rows) noexcept;

  void begin_store() noexcept { fetch_begin_ = open_.ticks(); }
  void stored(const MYSQL_RES* rows) noexcept;
  void begin_rows() noexcept { open_.awaits_row(); }
  void row_read() noexcept { open_.has_read_row(); }
  /// The last row has been read, or the rest is given up.
  void rows_over() noexcept;

  /// Shared with statements, whose operations may outlive the session.
  [[nodiscard]] const std::shared_ptr<session_transaction>& shared_transaction() const noexcept {
    return transaction_;
  }
  /// Ends the operation, and follows what the server said of its session.
  void finish(timed_call& call, const call_end& end) noexcept;

  /// After each call of which the server has reported its state.
  void note_state() noexcept;
  /// The session begins anew: the flags that the client library has are those of before.
  void note_reset(code_location site) noexcept {
    open_.finish({});  // the rows that were left are given up
    transaction_->is_rolled_back(site);
    knows_mode_ = false;
  }
  /// The server has been told whether a text may have several statements.
  void note_option(enum_mysql_set_option option) noexcept {
    allows_several_ = option == MYSQL_OPTION_MULTI_STATEMENTS_ON;
  }
  /// The current database may have changed without its being tracked.
  void note_database() noexcept;
  [[nodiscard]] call_end end_of_call() const noexcept;

 private:
  void finish(timed_call& call) noexcept { finish(call, end_of_call()); }
  void begin(const querytap::statement& identity, phase phase, code_location site) noexcept {
    sent_.begin(identity, phase, site, transaction_->current());
  }
  [[nodiscard]] quoting reported_quotes() const noexcept;
  void note_session() noexcept;
  void note_mode(const call_end& end, std::string_view summary) noexcept;
  void renew_backend() noexcept;
  [[nodiscard]] bool has_more() const noexcept { return ::mysql_more_results(native()) != 0; }
  [[nodiscard]] backend_options options_of_backend() const;

  recorder& telemetry_;
  const connection& owner_;
  const connection_options options_;
  std::optional<querytap::backend> backend_;
  // Before the calls, which are given it.
  const std::shared_ptr<session_transaction> transaction_ = std::make_shared<session_transaction>();
  timed_call sent_;  // not answered yet
  timed_call open_;  // answered, with results to be read
  // Of the text that was sent last, if it has several statements:
  std::vector<statement_handle> several_;
  std::size_t next_ = 0;
  unsigned long thread_id_ = 0;  // of the session on the server
  unsigned counted_error_ = 0;   // of a call that failed amid another's rows
  bool allows_several_ = false;
  unsigned mode_ = 0;       // the server's flags for sql_mode
  bool knows_mode_ = true;  // whether the flags are those of the session
  std::uint64_t fetch_begin_ = 0;
  std::uint64_t connect_begin_ = 0;
  std::optional<querytap::detail::ledger_phase> connecting_;
  unindexed_calls unindexed_;
};

}  // namespace querytap::mysql::detail
