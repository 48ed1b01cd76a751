#pragma once

#include <querytap/decorators/postgres.hpp>
#include <support/conformance/client.hpp>
#include <support/postgres_server.hpp>

#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace querytap::testing {

/// PostgreSQL for the conformance kit: a server of its own with ten documents. The SQL function
/// `hook(n)` returns n and raises a notice, which libpq hands over while the call is running: this
/// is how a test acts in the middle of a call.
class postgres_client {
 public:
  static constexpr std::string_view name = "PostgreSQL";
  static constexpr conformance::capabilities can{.rows = true,
                                                 .transactions = true,
                                                 .timeouts = true,
                                                 .cancellation = true,
                                                 .locks = true,
                                                 .lost_connections = true};

  explicit postgres_client(recorder& telemetry, const conformance::client_options& options = {})
      : telemetry_{telemetry},
        db_{telemetry,
            filled_server().connection_string(),
            {.slow_threshold = options.slow_threshold,
             .describe_parameters = options.describe_parameters}},
        notices_{*this} {
    db_.prepare("read_documents", "select body from documents where id <= hook($1)");
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

  static std::vector<conformance::way<postgres_client>> ways() {
    constexpr auto statement = "select body from documents where id <= hook(?)";
    return {{"exec of a std::string", statement, "", &postgres_client::read_by_string},
            {"exec of a std::string_view", statement, "", &postgres_client::read_by_view},
            {"exec_params", statement, "integer", &postgres_client::read_by_params},
            {"exec_prepared", statement, "integer", &postgres_client::read_prepared}};
  }

  void run_during_next_read(std::function<void()> during) { during_ = std::move(during); }

  void write(code_location site) { exec({"delete from documents where id < 0", site}); }

  void meet(conformance::trouble kind, code_location site) {
    using conformance::trouble;
    switch (kind) {
      case trouble::refused: return exec({"select body from missing", site});
      case trouble::timeout: set("statement_timeout"); return exec({"select pg_sleep(60)", site});
      case trouble::cancelled:
        return exec({"select pg_cancel_backend(pg_backend_pid()), pg_sleep(60)", site});
      case trouble::lock: return read_locked(site);
      case trouble::lost_connection:
        return exec({"select pg_terminate_backend(pg_backend_pid()), pg_sleep(60)", site});
    }
  }

  static conformance::ending ending_of(conformance::trouble kind) {
    using conformance::trouble;
    switch (kind) {
      case trouble::refused: break;
      case trouble::timeout:
        return {
            summary("select"),  "57014", "57014", report_reason::timeout, typeid(pqxx::sql_error),
            "statement timeout"};
      case trouble::cancelled:
        return {summary("select"),
                "57014",
                "57014",
                report_reason::cancelled,
                typeid(pqxx::sql_error),
                "canceling statement due to user request"};
      case trouble::lock:
        return {summary("select locked"), "55P03",       "55P03", report_reason::timeout,
                typeid(pqxx::sql_error),  "lock timeout"};
      case trouble::lost_connection:
        return {summary("select"),
                "broken_connection",
                "",
                report_reason::error,
                typeid(pqxx::broken_connection),
                ""};
    }
    return {summary("select missing"),
            "42P01",
            "42P01",
            report_reason::error,
            typeid(pqxx::undefined_table),
            "relation \"missing\" does not exist"};
  }

  [[nodiscard]] bool is_usable() { return db_.native().is_open(); }

  static void connect_in_vain(recorder& telemetry) {
    const postgres::connection db{
        telemetry, filled_server().connection_string() + " dbname=missing password=canary"};
  }

  void send_secret(std::string_view secret) {
    const std::string value{secret};
    ignore_failure([&] {
      const postgres::connection missing{
          telemetry_, filled_server().connection_string() + " dbname=missing password=" + value};
    });
    postgres::connection named{telemetry_, postgres_server::shared().connection_string() +
                                               " password=" + value + " application_name=" + value};
    postgres::nontransaction session{named};
    session.exec("create temporary table secrets(body text unique)");
    session.exec("insert into secrets values ('" + value + "'), ($$" + value + "-dollar$$)");
    session.exec_params("insert into secrets values ($1)", value + "-parameter");
    ignore_failure([&] { session.exec_params("insert into secrets values ($1)", value); });
    for (const char* text :
         {"select '%' frm t where", "do $$ begin raise '%'; end $$", "select '%"}) {
      ignore_failure([&] {
        const std::string_view format{text};
        const std::size_t at = format.find('%');
        session.exec(std::string{format.substr(0, at)} + value +
                     std::string{format.substr(at + 1)});
      });
    }
  }

  void transact(bool commits, const std::function<void()>& inside) {
    postgres::work transaction{db_};
    transaction.exec("delete from documents where id < 0");
    inside();
    if (commits) transaction.commit();
  }

 private:
  /// Receives the notices of a connection on the thread that waits for its server.
  class notice_handler final : public pqxx::errorhandler {
   public:
    explicit notice_handler(postgres_client& client)
        : pqxx::errorhandler{client.db_.native()}, client_{client} {}
    bool operator()(const char* message) noexcept override {
      if (std::string_view{message}.find("hook") == std::string_view::npos) return false;
      if (const auto during = std::exchange(client_.during_, {})) during();
      return false;
    }

   private:
    postgres_client& client_;
  };

  static attributes summary(std::string_view text) {
    return {{"db.query.summary", std::string{text}}};
  }

  /// The shared server, with the kit's tables.
  static postgres_server& filled_server() {
    static postgres_server& server = [&]() -> postgres_server& {
      pqxx::connection db{postgres_server::shared().connection_string()};
      pqxx::nontransaction{db}.exec(
          "create table documents(id int primary key, body text);"
          "insert into documents select i, 'page ' || i from generate_series(1, 10) i;"
          "create table locked(id int);"
          // Immutable: the planner calls it, once, and not the executor for each row.
          "create function hook(int) returns int immutable language plpgsql"
          "  as 'begin raise notice ''hook''; return $1; end'");
      return postgres_server::shared();
    }();
    return server;
  }

  template <class Call>
  static void ignore_failure(Call call) {
    try {
      call();
    } catch (const pqxx::failure&) {
    }
  }

  /// A time limit of 20 ms for this session.
  void set(const std::string& limit) {
    pqxx::nontransaction{db_.native()}.exec("set " + limit + " = '20ms'");
  }

  void exec(const postgres::located_text& sql) { postgres::nontransaction{db_}.exec(sql); }
  void read_by_string(int rows, code_location site) {
    const std::string sql =
        "select body from documents where id <= hook(" + std::to_string(rows) + ")";
    exec({sql, site});
  }
  void read_by_view(int rows, code_location site) {
    const std::string sql =
        "select body from documents where id <= hook(" + std::to_string(rows) + ")";
    exec({std::string_view{sql}, site});
  }
  void read_by_params(int rows, code_location site) {
    postgres::nontransaction{db_}.exec_params(
        {"select body from documents where id <= hook($1)", site}, rows);
  }
  void read_prepared(int rows, code_location site) {
    postgres::nontransaction{db_}.exec_prepared({"read_documents", site}, rows);
  }
  void read_locked(code_location site) {
    pqxx::connection other{postgres_server::shared().connection_string()};
    pqxx::work holder{other};
    holder.exec("lock table locked in access exclusive mode");
    set("lock_timeout");
    exec({"select id from locked", site});
  }

  recorder& telemetry_;
  postgres::connection db_;
  notice_handler notices_;
  std::function<void()> during_;
};

}  // namespace querytap::testing
