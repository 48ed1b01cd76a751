#include <querytap/decorators/postgres.hpp>

#include "../common/connect_timer.hpp"

#include <querytap/base/database_system.hpp>

#include <charconv>
#include <cstring>

namespace querytap::postgres {
namespace {

// libpqxx 6 answers a failing exec() of a transaction with a ROLLBACK before it throws.
constexpr bool exec_rolls_back = PQXX_VERSION_MAJOR < 7;

pqxx::connection connect(recorder& telemetry, const std::string& connection_string) {
  const querytap::detail::connect_timer timer{telemetry, database_systems::postgresql.name};
  return pqxx::connection{connection_string};
}

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

std::uint16_t exported_port(const char* text) {
  std::uint16_t port = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), port);
  return port == database_systems::postgresql.default_port ? std::uint16_t{0} : port;
}

backend_options describe(pqxx::connection& db, const connection_options& options) {
  return {.system = std::string{database_systems::postgresql.name},
          .database = text_or_empty(db.dbname()),
          .server_address = text_or_empty(db.hostname()),
          .server_port = exported_port(db.port()),
          .dialect = database_systems::postgresql.dialect,
          .slow_threshold = options.slow_threshold,
          .slow_multiple = options.slow_multiple,
          .describe_parameters = options.describe_parameters};
}

constexpr std::string_view query_canceled = "57014";
constexpr std::string_view lock_not_available = "55P03";

outcome sqlstate(std::string_view code, failure_kind kind = failure_kind::error) noexcept {
  return outcome::error(code, code, kind);
}

// The server gives one code to what a time limit and what a person cancels, and tells them apart in words,
// those of its language: what cannot be read is taken for a person's wish.
failure_kind kind_of(std::string_view code, std::string_view message) noexcept {
  const auto says = [&](std::string_view words) { return message.find(words) != message.npos; };
  if (code == lock_not_available) return failure_kind::timeout;
  if (code != query_canceled) return failure_kind::error;
  return says("statement timeout") || says("lock timeout") ? failure_kind::timeout
                                                           : failure_kind::cancelled;
}

detail::failed_call failed_with(const pqxx::sql_error& e) noexcept {
  const std::string& code = e.sqlstate();
  if (code.empty()) return {outcome::error("sql_error")};
  return {sqlstate(code, kind_of(code, e.what())), code == lock_not_available};
}

}  // namespace

// libpqxx 6 keeps no SQLSTATE in the exceptions that it makes for one SQLSTATE each.
detail::failed_call detail::failure_of_current_exception() noexcept {
  try {
    throw;
  } catch (const pqxx::serialization_failure&) {
    return {sqlstate("40001")};
  } catch (const pqxx::deadlock_detected&) {
    return {sqlstate("40P01"), true};
  } catch (const pqxx::statement_completion_unknown&) {
    return {sqlstate("40003")};
  } catch (const pqxx::too_many_connections&) {
    return {sqlstate("53300")};
  } catch (const pqxx::sql_error& e) {
    return failed_with(e);
  } catch (const pqxx::broken_connection&) {
    return {outcome::error("broken_connection")};
  } catch (const pqxx::in_doubt_error&) {
    return {outcome::error("in_doubt_error")};
  } catch (const pqxx::usage_error&) {
    return {outcome::error("usage_error")};
  } catch (const pqxx::argument_error&) {
    return {outcome::error("argument_error")};
  } catch (const pqxx::conversion_error&) {
    return {outcome::error("conversion_error")};
  } catch (const pqxx::range_error&) {
    return {outcome::error("range_error")};
  } catch (const pqxx::internal_error&) {
    return {outcome::error("internal_error")};
  } catch (const pqxx::failure&) {
    return {outcome::error("failure")};
  } catch (const std::bad_alloc&) {
    return {outcome::error("bad_alloc")};
  } catch (...) {
    return {outcome::error({})};
  }
}

connection::connection(recorder& telemetry, const std::string& connection_string,
                       const connection_options& options)
    : native_{connect(telemetry, connection_string)},
      backend_{telemetry, describe(native_, options)} {}

void connection::prepare(const std::string& name, const std::string& sql) {
  native_.prepare(name, sql);
  prepared_.insert_or_assign(name, statement_handle{backend_.statement_for(sql)});
}

const statement& connection::prepared(const std::string& name) const {
  const auto found = prepared_.find(name);
  // Prepared behind our back, or not at all.
  return found == prepared_.end() ? backend_.statement_for("EXECUTE " + name) : *found->second;
}

work::work(connection& db, const code_location& where)
    : executor{db,
               [&] {
                 return detail::measure({db.statement_for("BEGIN"), where},
                                        [&] { return pqxx::work{db.native()}; });
               }},
      where_{where} {}

work::~work() {
  if (!open_) return;
  try {
    abort(where_);
  } catch (...) {
    // The destructor of pqxx::work would not have thrown either.
  }
}

pqxx::result work::exec(const located_text& sql) {
  try {
    return executor::exec(sql);
  } catch (...) {
    if (exec_rolls_back) open_ = false;
    throw;
  }
}

void work::commit(const code_location& where) {
  if (!std::exchange(open_, false)) return native_.commit();
  detail::measure({db_.statement_for("COMMIT"), where, nullptr, phase::commit},
                  [&] { native_.commit(); });
}

void work::abort(const code_location& where) {
  // Without a connection no ROLLBACK is sent.
  if (!std::exchange(open_, false) || !db_.native().is_open()) return native_.abort();
  operation rollback{db_.statement_for("ROLLBACK"), where};
  native_.abort();
  // libpqxx tells only its notice handler that the ROLLBACK failed.
  if (!db_.native().is_open()) rollback.fail(outcome::error("broken_connection"));
}

}  // namespace querytap::postgres
