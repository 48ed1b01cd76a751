#include "connect_timer.hpp"

#include <querytap/decorators/postgres.hpp>

#include <charconv>
#include <cstring>

namespace querytap::postgres {
namespace {

// libpqxx 6 answers a failing exec() of a transaction with a ROLLBACK before it throws.
constexpr bool exec_rolls_back = PQXX_VERSION_MAJOR < 7;

constexpr std::uint16_t default_port = 5432;

pqxx::connection connect(recorder& telemetry, const std::string& connection_string) {
  const querytap::detail::connect_timer timer{telemetry, "postgresql"};
  return pqxx::connection{connection_string};
}

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

std::uint16_t exported_port(const char* text) {
  std::uint16_t port = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), port);
  return port == default_port ? std::uint16_t{0} : port;
}

backend_options describe(pqxx::connection& db) {
  return {.system = "postgresql",
          .name_space = text_or_empty(db.dbname()),
          .server_address = text_or_empty(db.hostname()),
          .server_port = exported_port(db.port()),
          .rules = dialect::postgresql};
}

outcome sqlstate(std::string_view code) noexcept { return outcome::error(code, code); }

}  // namespace

// libpqxx 6 keeps no SQLSTATE in the exceptions that it makes for one SQLSTATE each.
outcome detail::outcome_of_current_exception() noexcept {
  try {
    throw;
  } catch (const pqxx::serialization_failure&) {
    return sqlstate("40001");
  } catch (const pqxx::deadlock_detected&) {
    return sqlstate("40P01");
  } catch (const pqxx::statement_completion_unknown&) {
    return sqlstate("40003");
  } catch (const pqxx::too_many_connections&) {
    return sqlstate("53300");
  } catch (const pqxx::sql_error& e) {
    return e.sqlstate().empty() ? outcome::error("sql_error") : sqlstate(e.sqlstate());
  } catch (const pqxx::broken_connection&) {
    return outcome::error("broken_connection");
  } catch (const pqxx::in_doubt_error&) {
    return outcome::error("in_doubt_error");
  } catch (const pqxx::usage_error&) {
    return outcome::error("usage_error");
  } catch (const pqxx::argument_error&) {
    return outcome::error("argument_error");
  } catch (const pqxx::conversion_error&) {
    return outcome::error("conversion_error");
  } catch (const pqxx::range_error&) {
    return outcome::error("range_error");
  } catch (const pqxx::internal_error&) {
    return outcome::error("internal_error");
  } catch (const pqxx::failure&) {
    return outcome::error("failure");
  } catch (const std::bad_alloc&) {
    return outcome::error("bad_alloc");
  } catch (...) {
    return outcome::error({});
  }
}

connection::connection(recorder& telemetry, const std::string& connection_string)
    : native_{connect(telemetry, connection_string)}, backend_{telemetry, describe(native_)} {}

void connection::prepare(const std::string& name, const std::string& sql) {
  native_.prepare(name, sql);
  prepared_.insert_or_assign(name, statement_handle{backend_.statement_for(sql)});
}

const statement& connection::prepared(const std::string& name) const {
  const auto found = prepared_.find(name);
  // Prepared behind our back, or not at all.
  return found == prepared_.end() ? backend_.statement_for("EXECUTE " + name) : *found->second;
}

work::work(connection& db)
    : executor{db, [&] {
                 return detail::measure(db.statement_for("BEGIN"),
                                        [&] { return pqxx::work{db.native()}; });
               }} {}

work::~work() {
  if (!open_) return;
  try {
    abort();
  } catch (...) {
    // The destructor of pqxx::work would not have thrown either.
  }
}

pqxx::result work::exec(const std::string& sql) {
  try {
    return executor::exec(sql);
  } catch (...) {
    if (exec_rolls_back) open_ = false;
    throw;
  }
}

void work::commit() {
  if (!std::exchange(open_, false)) return native_.commit();
  detail::measure(db_.statement_for("COMMIT"), [&] { native_.commit(); });
}

void work::abort() {
  // Without a connection no ROLLBACK is sent.
  if (!std::exchange(open_, false) || !db_.native().is_open()) return native_.abort();
  operation rollback{db_.statement_for("ROLLBACK")};
  native_.abort();
  // libpqxx tells only its notice handler that the ROLLBACK failed.
  if (!db_.native().is_open()) rollback.fail(outcome::error("broken_connection"));
}

}  // namespace querytap::postgres
