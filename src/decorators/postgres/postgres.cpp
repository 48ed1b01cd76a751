#include <querytap/decorators/postgres.hpp>

#include "../../base/numbers.hpp"
#include "../common/connect_timer.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/exception_outcome.hpp>

namespace querytap::postgres {
namespace {

pqxx::connection timed_connect(recorder& telemetry, const std::string& connection_string) {
  const querytap::detail::connect_timer timer{telemetry, database_systems::postgresql.name};
  try {
    return pqxx::connection{connection_string};
  } catch (...) {
    querytap::detail::current_request_failed(outcome_of_current_exception());
    throw;
  }
}

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

std::uint16_t exported_port(const char* text) {
  const auto port = querytap::detail::leading_number<std::uint16_t>(text == nullptr ? "" : text);
  return port == database_systems::postgresql.default_port ? std::uint16_t{0} : port;
}

backend_options backend_options_of(pqxx::connection& db, const connection_options& options) {
  return {.system = std::string{database_systems::postgresql.name},
          .database = text_or_empty(db.dbname()),
          .server_address = text_or_empty(db.hostname()),
          .server_port = exported_port(db.port()),
          .dialect = dialect::postgresql,
          .slow_threshold = options.slow_threshold,
          .slow_multiple = options.slow_multiple,
          .describe_parameters = options.describe_parameters};
}

// The server reports standard_conforming_strings to libpq when a session begins and at each change;
// libpqxx does not pass the report on, but escapes by it, without asking the server.
quoting quoting_of_session(pqxx::connection& db) noexcept {
  try {
    if (!db.is_open()) return {};
    return {.backslash_escapes = db.esc("\\").size() == 2};
  } catch (const std::exception&) {
    return {};
  }
}

constexpr std::string_view query_canceled = "57014";
constexpr std::string_view lock_not_available = "55P03";

outcome sqlstate_outcome(std::string_view code, failure_kind kind = failure_kind::error) noexcept {
  return outcome::error(code, code, kind);
}

// The server uses one SQLSTATE for a time limit and for a cancellation by a client, and
// distinguishes them in its message only. Where the server's language is not English, a time limit
// counts as cancelled.
failure_kind kind_of_sqlstate(std::string_view code, std::string_view message) noexcept {
  const auto contains = [&](std::string_view words) { return message.find(words) != message.npos; };
  if (code == lock_not_available) return failure_kind::timeout;
  if (code != query_canceled) return failure_kind::error;
  return contains("statement timeout") || contains("lock timeout") ? failure_kind::timeout
                                                                   : failure_kind::cancelled;
}

detail::statement_failure failure_of(const pqxx::sql_error& error) noexcept {
  const std::string& code = error.sqlstate();
  if (code.empty()) return {outcome::error("sql_error")};
  return {sqlstate_outcome(code, kind_of_sqlstate(code, error.what())), code == lock_not_available};
}

// In libpqxx 6, an exception class that stands for one SQLSTATE does not store it.
std::optional<detail::statement_failure> failure_of_pqxx_exception() noexcept {
  using failure = detail::statement_failure;
  try {
    throw;
  } catch (const pqxx::serialization_failure&) {
    return failure{sqlstate_outcome("40001")};
  } catch (const pqxx::deadlock_detected&) {
    return failure{sqlstate_outcome("40P01"), true};
  } catch (const pqxx::statement_completion_unknown&) {
    return failure{sqlstate_outcome("40003")};
  } catch (const pqxx::too_many_connections&) {
    return failure{sqlstate_outcome("53300")};
  } catch (const pqxx::sql_error& error) {
    return failure_of(error);
  } catch (const pqxx::broken_connection&) {
    return failure{outcome::error("broken_connection")};
  } catch (const pqxx::in_doubt_error&) {
    return failure{outcome::error("in_doubt_error")};
  } catch (const pqxx::usage_error&) {
    return failure{outcome::error("usage_error")};
  } catch (const pqxx::argument_error&) {
    return failure{outcome::error("argument_error")};
  } catch (const pqxx::conversion_error&) {
    return failure{outcome::error("conversion_error")};
  } catch (const pqxx::range_error&) {
    return failure{outcome::error("range_error")};
  } catch (const pqxx::internal_error&) {
    return failure{outcome::error("internal_error")};
  } catch (const pqxx::failure&) {
    return failure{outcome::error("failure")};
  } catch (...) {
    return std::nullopt;
  }
}

std::optional<outcome> outcome_of_pqxx_exception() noexcept {
  const auto known = failure_of_pqxx_exception();
  return known ? std::optional{known->outcome} : std::nullopt;
}

const exception_classifier pqxx_exceptions{&outcome_of_pqxx_exception};

}  // namespace

detail::statement_failure detail::failure_of_current_exception() noexcept {
  if (const auto known = failure_of_pqxx_exception()) return *known;
  return {outcome_of_current_exception()};
}

connection::connection(recorder& telemetry, const std::string& connection_string,
                       const connection_options& options)
    : native_{timed_connect(telemetry, connection_string)},
      backend_{telemetry, backend_options_of(native_, options)} {}

void connection::prepare(const std::string& name, const std::string& sql) {
  native_.prepare(name, sql);
  // libpqxx 6 sends the text later, when the settings may be others: then nothing is shown that is a
  // value under any of them.
  constexpr bool is_sent_now = PQXX_VERSION_MAJOR >= 7;
  const statement& identity = is_sent_now ? statement_for(sql) : backend_.statement_for(sql);
  prepared_.insert_or_assign(name, statement_handle{identity});
}

const statement& connection::statement_for(std::string_view sql) noexcept {
  return backend_.statement_for(sql, [this] { return quoting_of_session(native_); });
}

const statement& connection::prepared(const std::string& name) const {
  const auto found = prepared_.find(name);
  // Not found: prepared through native(), or not at all.
  return found == prepared_.end() ? backend_.statement_for("EXECUTE " + name) : *found->second;
}

work::work(connection& db, code_location site)
    : executor{db,
               [&] {
                 return db.command("BEGIN", site).measure([&] { return pqxx::work{db.native()}; });
               }},
      site_{site} {}

work::~work() {
  if (!open_) return;
  try {
    abort(site_);
  } catch (...) {
    // As in the destructor of pqxx::work, which does not throw either.
  }
}

pqxx::result work::exec(const located_text& sql) {
  // Before it throws, exec() of a transaction of libpqxx 6 sends a ROLLBACK.
  constexpr bool exec_rolls_back = PQXX_VERSION_MAJOR < 7;
  try {
    return executor::exec(sql);
  } catch (...) {
    if (exec_rolls_back) open_ = false;
    throw;
  }
}

void work::commit(code_location site) {
  if (!std::exchange(open_, false)) return native_.commit();
  db_.command("COMMIT", site, phase::commit).measure([&] { native_.commit(); });
}

void work::abort(code_location site) {
  // Without a connection no ROLLBACK is sent.
  if (!std::exchange(open_, false) || !db_.native().is_open()) return native_.abort();
  operation rollback{db_.backend_.statement_for("ROLLBACK"), site};
  native_.abort();
  // libpqxx reports a failed ROLLBACK to its notice handler only.
  if (!db_.native().is_open()) rollback.fail(outcome::error("broken_connection"));
}

}  // namespace querytap::postgres
