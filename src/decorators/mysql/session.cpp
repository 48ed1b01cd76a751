#include "session.hpp"

#include "../../calls/fitting_bounds.hpp"
#include "mysql_failure.hpp"
#include "readable_text.hpp"
#include "several_statements.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <atomic>
#include <exception>
#include <new>
#include <string>

namespace querytap::mysql::detail {
namespace {

// What a server is that has not told its version yet: mostly the same as the one before.
// ORDER relaxed: a pointer to a constant.
constinit std::atomic<const database_system*> last_system{&database_systems::mariadb};

const database_system& system_of(MYSQL* handle) noexcept {
  const char* const version = handle->server_version;
  if (version == nullptr) return *last_system.load(std::memory_order_relaxed);
  const bool is_mariadb = std::string_view{version}.find("MariaDB") != std::string_view::npos;
  return is_mariadb ? database_systems::mariadb : database_systems::mysql;
}

/// Whether the server reports ANSI_QUOTES among its flags, so that it is off where it is missing.
bool reports_ansi_quotes(MYSQL* handle) noexcept {
  constexpr unsigned long known_from = 101100;
  return &system_of(handle) == &database_systems::mariadb &&
         ::mysql_get_server_version(handle) >= known_from;
}

std::string text_or_nothing(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

session::session(recorder& telemetry, const connection& owner, const connection_options& options)
    : telemetry_{telemetry}, owner_{owner}, options_{options}, unindexed_{telemetry} {
  // Options that cannot be used are refused here, and not once connected.
  backend_.emplace(telemetry_, options_of_backend());
}

void session::reopen(connection& owner) noexcept {
  if (owner.native_ == nullptr) owner.native_ = ::mysql_init(nullptr);
}

MYSQL* session::release(connection& owner) noexcept {
  session& session = of(owner);
  session.sent_.abandon();
  session.open_.finish({});
  session.transaction_->is_rolled_back();
  return std::exchange(owner.native_, nullptr);
}

void session::end_release(connection& owner) noexcept {
  if (owner.is_on_heap_) delete &owner;
}

backend_options session::options_of_backend() const {
  MYSQL* const handle = native();
  const database_system& system = system_of(handle);
  const bool has_socket = handle->unix_socket != nullptr && handle->port == 0;
  return {.system = std::string{system.name},
          .database = text_or_nothing(handle->db),
          .server_address = text_or_nothing(has_socket ? handle->unix_socket : handle->host),
          .server_port = handle->port == system.default_port
                             ? std::uint16_t{0}
                             : static_cast<std::uint16_t>(handle->port),
          .dialect = dialect::mysql,
          .slow_threshold = options_.slow_threshold,
          .slow_multiple = options_.slow_multiple,
          .describe_parameters = options_.describe_parameters};
}

quoting session::quotes_for(std::string_view sql) const noexcept {
  return may_change_quoting(sql) ? quoting{} : reported_quotes();
}

quoting session::reported_quotes() const noexcept {
  if (native() == nullptr || native()->server_version == nullptr) return {};
  // A client library that reconnects by itself sends the text to a session with other settings.
  if (!knows_mode_ || native()->options.reconnect != 0) return {};
  const unsigned status = native()->server_status;
  quoting quotes{.backslash_escapes = (status & SERVER_STATUS_NO_BACKSLASH_ESCAPES) == 0};
  if (reports_ansi_quotes(native())) {
    quotes.double_quoted_names = (status & SERVER_STATUS_ANSI_QUOTES) != 0;
  }
  return quotes;
}

const querytap::statement& session::statement_for(std::string_view sql) noexcept {
  std::string buffer;
  const std::string_view text = readable_text(native(), sql, buffer);
  return backend_->statement_for(text, [&] { return quotes_for(text); });
}

void session::begin_connect() noexcept {
  connect_begin_ = telemetry_.time().ticks();
  connecting_.emplace(telemetry_.time(), phase::connect, system_of(native()).name);
}

void session::end_connect(bool is_connected) noexcept {
  connecting_.reset();
  try {
    if (is_connected) {
      last_system.store(&system_of(native()), std::memory_order_relaxed);
      transaction_->is_lost();
      thread_id_ = 0;  // another server may give the same
      note_session();
    } else {
      querytap::detail::current_request_failed(outcome_of_number(::mysql_errno(native())));
    }
    const std::string_view system = system_of(native()).name;
    telemetry_
        .bind_histogram(querytap::detail::with_fitting_bounds(catalog::phase_duration, system),
                        {{"db.system.name", system}, {"querytap.phase", "connect"}})
        .record(telemetry_.time().nanoseconds_between(connect_begin_, telemetry_.time().ticks()));
  } catch (const std::exception&) {
    return;  // no memory
  }
}

void session::begin_text(std::string_view sql, code_location site) noexcept {
  note_session();
  several_.clear();
  next_ = 0;
  const bool may_be_several = sql.find(';') != sql.npos && allows_several_;
  if (may_be_several) {
    try {
      std::string buffer;
      const std::string_view text = readable_text(native(), sql, buffer);
      for (const std::string_view each : several_statements(text, reported_quotes())) {
        several_.emplace_back(backend_->statement_for(each));
      }
    } catch (const std::exception&) {
      several_.clear();  // no memory
    }
  }
  const querytap::statement& identity = several_.empty() ? statement_for(sql) : *several_[0];
  const bool is_commit = is_named(identity.identity().summary, "COMMIT");
  begin(identity, is_commit ? phase::commit : phase::execute, site);
  if (querytap::detail::current_ledger == nullptr) return;
  parameter_digest digest;
  digest.add(sql);
  sent_.parameters(digest.hash());
}

void session::begin_command(std::string_view name, phase phase, code_location site) noexcept {
  note_session();
  begin(backend_->statement_for(name), phase, site);
}

// The server has sent all answers to the text without a pause: each statement is timed from where
// the application asks for its result.
void session::begin_next(code_location site) noexcept {
  if (several_.empty() || !has_more()) return;
  next_ = std::min(next_ + 1, several_.size() - 1);
  begin(*several_[next_], phase::execute, site);
}

void session::answered(bool failed) noexcept {
  if (failed) {
    counted_error_ = ::mysql_errno(native());
    return finish(sent_);
  }
  counted_error_ = 0;
  const bool has_rows = ::mysql_field_count(native()) > 0;
  const bool goes_on = has_rows || (several_.empty() && has_more());
  if (!goes_on) return finish(sent_);
  open_.take(sent_);
  if (has_rows) open_.returns_rows();
  note_state();
}

void session::next_answered(int code) noexcept {
  if (sent_.is_open()) return answered(code > 0);
  if (!open_.is_open()) return;
  if (code == 0 && ::mysql_field_count(native()) > 0) return open_.returns_rows();
  if (code != 0 || !has_more()) finish(open_);
}

void session::listed(const MYSQL_RES* rows) noexcept {
  if (rows != nullptr) sent_.has_stored(rows->row_count, sent_.ticks());
  finish(sent_);
}

void session::stored(const MYSQL_RES* rows) noexcept {
  if (!open_.is_open()) return;
  if (rows != nullptr) open_.has_stored(rows->row_count, fetch_begin_);
  rows_over();
}

void session::rows_over() noexcept {
  call_end end = end_of_call();
  // The end of the rows leaves what a call out of order has failed with.
  if (end.number == counted_error_) end.number = 0;
  const bool is_last = !several_.empty() || !has_more();
  if (is_last || end.number != 0) finish(open_, end);
}

call_end session::end_of_call() const noexcept {
  MYSQL* const handle = native();
  call_end end{.number = ::mysql_errno(handle), .status = handle->server_status};
  if (end.number != 0) {
    end.sqlstate = ::mysql_sqlstate(handle);
  } else if (const std::uint64_t affected = ::mysql_affected_rows(handle);
             affected != ~std::uint64_t{0} && ::mysql_field_count(handle) == 0) {
    end.affected_rows = affected;
  }
  return end;
}

void session::finish(timed_call& call, const call_end& end) noexcept {
  if (!call.is_open()) return;
  const bool is_unchanged = transaction_->is_unchanged_by(end);
  if (end.number == 0) note_mode(end, call.identity().identity().summary);
  const auto& identified = call.identity().identity();
  const bool ends_open = is_unchanged && transaction_->current().is_open() &&
                         session_transaction::ends_open(identified.summary, identified.text);
  const statement_handle identity =
      is_unchanged && !ends_open ? statement_handle{} : statement_handle{call.identity()};
  call.finish(end, &unindexed_);
  note_session();
  if (ends_open) {
    const std::string_view summary = identity->identity().summary;
    transaction_->note({.status = 0}, summary, *backend_, call.site());
  }
  if (!is_unchanged || ends_open) {
    const statement_identity& done = identity->identity();
    const bool is_xa = is_named(std::string_view{done.text}.substr(0, 11), "xa rollback");
    transaction_->note(end, is_xa ? "ROLLBACK" : std::string_view{done.summary}, *backend_,
                       call.site());
  }
  note_state();
}

// The flags in the answer to SET STATEMENT are those of that statement alone, and some commands
// leave the flags of before.
void session::note_mode(const call_end& end, std::string_view summary) noexcept {
  constexpr unsigned flags = SERVER_STATUS_NO_BACKSLASH_ESCAPES | SERVER_STATUS_ANSI_QUOTES;
  const unsigned mode = end.status & flags;
  if (knows_mode_ && mode == mode_) return;
  if (is_silent(summary)) return;
  const bool is_set = summary.starts_with("set ") || summary.starts_with("SET ");
  const bool is_of_statement = !is_set || is_named(summary.substr(0, 13), "set statement");
  knows_mode_ = mode == mode_ || !is_of_statement;
  mode_ = mode;
}

// The client library follows the session's current database by what the server tracks.
void session::note_state() noexcept {
  if ((native()->server_status & SERVER_SESSION_STATE_CHANGED) != 0) note_database();
}

void session::note_database() noexcept {
  const char* const database = native()->db;
  if (backend_->options().database != std::string_view{database == nullptr ? "" : database}) {
    renew_backend();
  }
}

// It may have been connected, or connected again, without a word.
void session::note_session() noexcept {
  if (native()->thread_id == thread_id_) return;
  if (thread_id_ != 0) transaction_->is_lost();
  thread_id_ = native()->thread_id;
  allows_several_ = (native()->client_flag & CLIENT_MULTI_STATEMENTS) != 0;
  knows_mode_ = true;
  mode_ =
      native()->server_status & (SERVER_STATUS_NO_BACKSLASH_ESCAPES | SERVER_STATUS_ANSI_QUOTES);
  renew_backend();
}

void session::renew_backend() noexcept {
  try {
    const querytap::backend current{telemetry_, options_of_backend()};
    backend_ = current;
  } catch (const std::exception&) {
    return;  // no memory
  }
}

}  // namespace querytap::mysql::detail
