#pragma once

#include <querytap/base/exception_outcome.hpp>
#include <querytap/decorators/libpq.hpp>
#include <support/conformance/client.hpp>
#include <support/postgres_server.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace querytap::testing {

/// What an application throws that checks libpq's results, and how it says that this counts.
class libpq_failure : public std::runtime_error {
 public:
  libpq_failure(const std::string& message, std::string sqlstate)
      : std::runtime_error{message}, sqlstate_{std::move(sqlstate)} {}

  [[nodiscard]] static std::optional<outcome> classify() noexcept {
    try {
      throw;
    } catch (const libpq_failure& failure) {
      return failure.sqlstate_.empty() ? outcome::error("broken_connection")
                                       : outcome::error(failure.sqlstate_, failure.sqlstate_);
    } catch (...) {
      return std::nullopt;
    }
  }

 private:
  std::string sqlstate_;
};

inline const exception_classifier libpq_failures{&libpq_failure::classify};

struct result_clearer {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using libpq_result = std::unique_ptr<PGresult, result_clearer>;

/// PostgreSQL by libpq for the conformance kit, with a server like postgres_client's.
class libpq_client {
 public:
  static constexpr std::string_view name = "libpq";
  static constexpr conformance::capabilities can{.rows = true,
                                                 .transactions = true,
                                                 .timeouts = true,
                                                 .cancellation = true,
                                                 .locks = true,
                                                 .lost_connections = true};

  explicit libpq_client(recorder& telemetry, const conformance::client_options& options = {})
      : telemetry_{telemetry},
        db_{libpq::PQconnectdb(telemetry, filled_server().connection_string().c_str(),
                               {.slow_threshold = options.slow_threshold,
                                .describe_parameters = options.describe_parameters})} {
    PQsetNoticeProcessor(db_, &libpq_client::receive_notice, this);
    // Unmeasured: the kit counts the calls of its own.
    libpq_result{::PQprepare(db_.native(), "by_sql", "select 1", 0, nullptr)};
  }

  static attributes labels() {
    return {{"db.namespace", "postgres"},
            {"db.system.name", "postgresql"},
            {"server.address", "127.0.0.1"},
            {"server.port", postgres_server::shared().port()}};
  }
  static attributes read_labels() { return summary("select documents"); }
  static attributes write_labels() { return summary("delete documents"); }
  static conformance::transaction_calls transaction_labels() {
    return {summary("BEGIN"), summary("COMMIT"), summary("ROLLBACK")};
  }

  static std::vector<conformance::way<libpq_client>> ways() {
    constexpr auto statement = "select body from documents where id <= hook(?)";
    return {{"PQexec", statement, "", &libpq_client::read_by_text},
            {"PQexecParams", statement, "text(1)", &libpq_client::read_by_params}};
  }

  void run_during_next_read(std::function<void()> during) { during_ = std::move(during); }

  void write(code_location site) { exec("delete from documents where id < 0", site); }

  void meet(conformance::trouble kind, code_location site) {
    using conformance::trouble;
    switch (kind) {
      case trouble::refused: return exec("select body from missing", site);
      case trouble::timeout: set("statement_timeout"); return exec("select pg_sleep(60)", site);
      case trouble::cancelled:
        return exec("select pg_cancel_backend(pg_backend_pid()), pg_sleep(60)", site);
      case trouble::lock: return read_locked(site);
      case trouble::lost_connection:
        return exec("select pg_terminate_backend(pg_backend_pid()), pg_sleep(60)", site);
    }
  }

  static conformance::ending ending_of(conformance::trouble kind) {
    using conformance::trouble;
    const auto ending = [](std::string_view call, std::string code, report_reason reason,
                           std::string message) {
      return conformance::ending{summary(call),     code, code, reason, typeid(libpq_failure),
                                 std::move(message)};
    };
    switch (kind) {
      case trouble::refused: break;
      case trouble::timeout:
        return ending("select", "57014", report_reason::timeout, "statement timeout");
      case trouble::cancelled:
        return ending("select", "57014", report_reason::cancelled, "due to user request");
      case trouble::lock:
        return ending("select locked", "55P03", report_reason::timeout, "lock timeout");
      case trouble::lost_connection:
        return {summary("select"),    "broken_connection",   "",
                report_reason::error, typeid(libpq_failure), ""};
    }
    return ending("select missing", "42P01", report_reason::error,
                  "relation \"missing\" does not exist");
  }

  [[nodiscard]] bool is_usable() { return PQstatus(db_) == CONNECTION_OK; }

  static void connect_in_vain(recorder& telemetry) {
    connect(telemetry, " dbname=missing password=canary");
  }

  void send_secret(std::string_view secret) {
    const std::string value{secret};
    ignore_failure([&] { connect(telemetry_, " dbname=missing password=" + value); });
    libpq::connection named =
        connect(telemetry_, " password=" + value + " application_name=" + value);
    const auto send = [&named](const std::string& sql) { check(PQexec(named, sql.c_str())); };
    send("create temporary table secrets(body text unique)");
    send("insert into secrets values ('" + value + "'), ($$" + value + "-dollar$$)");
    const std::string parameter = value + "-parameter";
    const char* const values[] = {parameter.c_str()};
    const auto insert = [&] {
      check(PQexecParams(named, "insert into secrets values ($1)", 1, nullptr, values, nullptr,
                         nullptr, 0));
    };
    insert();
    ignore_failure(insert);
    ignore_failure([&] {
      check(PQprepare(named, value.c_str(), ("select '" + value + "' frm t").c_str(), 0, nullptr));
    });
    check(PQprepare(named, value.c_str(), ("select '" + value + "'").c_str(), 0, nullptr));
    check(PQexecPrepared(named, value.c_str(), 0, nullptr, nullptr, nullptr, 0));
    check(PQdescribePrepared(named, value.c_str()));
    ignore_failure([&] {
      check(PQexecPrepared(named, (value + "-missing").c_str(), 0, nullptr, nullptr, nullptr, 0));
    });
    for (const char* text :
         {"select '%' frm t where", "do $$ begin raise '%'; end $$", "select '%"}) {
      const std::string_view format{text};
      const std::size_t at = format.find('%');
      ignore_failure([&] {
        send(std::string{format.substr(0, at)} + value + std::string{format.substr(at + 1)});
      });
    }
    PQsendQuery(named, ("select '" + value + "'; select '" + value + "' from missing").c_str());
    while (const libpq_result result{PQgetResult(named)}) {
    }
  }

  void transact(bool commits, const std::function<void()>& inside) {
    exec("BEGIN", code_location::current());
    exec("delete from documents where id < 0", code_location::current());
    try {
      inside();
    } catch (...) {
      exec("ROLLBACK", code_location::current());
      throw;
    }
    exec(commits ? "COMMIT" : "ROLLBACK", code_location::current());
  }

 private:
  static attributes summary(std::string_view text) {
    return {{"db.query.summary", std::string{text}}};
  }

  static void receive_notice(void* self, const char* message) {
    auto& client = *static_cast<libpq_client*>(self);
    if (std::string_view{message}.find("hook") == std::string_view::npos) return;
    if (const auto during = std::exchange(client.during_, {})) during();
  }

  static void check(PGresult* taken) {
    const libpq_result result{taken};
    const ExecStatusType status = PQresultStatus(taken);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
    const char* const code = PQresultErrorField(taken, PG_DIAG_SQLSTATE);
    throw libpq_failure{PQresultErrorMessage(taken), code == nullptr ? "" : code};
  }

  static libpq::connection connect(recorder& telemetry, const std::string& options) {
    libpq::connection db =
        libpq::PQconnectdb(telemetry, (filled_server().connection_string() + options).c_str());
    if (PQstatus(db) != CONNECTION_OK) throw libpq_failure{PQerrorMessage(db), ""};
    return db;
  }

  /// The shared server, with the kit's tables.
  static postgres_server& filled_server() {
    static postgres_server& server = [&]() -> postgres_server& {
      PGconn* const db = ::PQconnectdb(postgres_server::shared().connection_string().c_str());
      check(::PQexec(db,
                     "create table if not exists documents(id int primary key, body text);"
                     "insert into documents select i, 'page ' || i from generate_series(1, 10) i;"
                     "create table locked(id int);"
                     // Immutable: the planner calls it, once, and not the executor for each row.
                     "create function hook(int) returns int immutable language plpgsql"
                     "  as 'begin raise notice ''hook''; return $1; end'"));
      ::PQfinish(db);
      return postgres_server::shared();
    }();
    return server;
  }

  template <class Call>
  static void ignore_failure(Call call) {
    try {
      call();
    } catch (const libpq_failure&) {
    }
  }

  /// A time limit of 20 ms for this session.
  void set(const std::string& limit) {
    check(::PQexec(db_.native(), ("set " + limit + " = '20ms'").c_str()));
  }

  void exec(const char* sql, code_location site) { check(PQexec(db_, sql, site)); }
  void read_by_text(int rows, code_location site) {
    const std::string sql =
        "select body from documents where id <= hook(" + std::to_string(rows) + ")";
    exec(sql.c_str(), site);
  }
  void read_by_params(int rows, code_location site) {
    const std::string value = std::to_string(rows);
    const char* const values[] = {value.c_str()};
    check(PQexecParams(db_, "select body from documents where id <= hook($1)", 1, nullptr, values,
                       nullptr, nullptr, 0, site));
  }
  void read_locked(code_location site) {
    PGconn* const holder = ::PQconnectdb(postgres_server::shared().connection_string().c_str());
    libpq_result{::PQexec(holder, "begin; lock table locked in access exclusive mode")};
    set("lock_timeout");
    try {
      exec("select id from locked", site);
    } catch (...) {
      ::PQfinish(holder);
      throw;
    }
  }

  recorder& telemetry_;
  std::function<void()> during_;
  libpq::connection db_;
};

}  // namespace querytap::testing
