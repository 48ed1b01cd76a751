#pragma once

#include <querytap/decorators/sqlite.hpp>
#include <support/child_process.hpp>
#include <support/conformance/client.hpp>

#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace querytap::testing {

/// SQLite for the conformance kit: a file of ten documents. The SQL function `hook(n)` returns n,
/// and is how a test acts while a call is running.
class sqlite_client {
 public:
  static constexpr std::string_view name = "SQLite";
  static constexpr conformance::capabilities can{
      .rows = true, .transactions = true, .cancellation = true, .locks = true};

  explicit sqlite_client(recorder& telemetry, const conformance::client_options& options = {})
      : db_{telemetry,
            file(),
            {.busy_timeout = std::chrono::milliseconds{20},
             .slow_threshold = options.slow_threshold,
             .describe_parameters = options.describe_parameters}} {
    execute_bare(db_.native(),
                 "pragma synchronous = off;"
                 "create table documents(id integer primary key, body text unique);"
                 "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10)"
                 "  insert into documents select i, 'page ' || i from n");
    // Deterministic: SQLite calls it once for each execution, and not for each row.
    sqlite3_create_function(db_.native(), "hook", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, this, hook,
                            nullptr, nullptr);
  }

  static attributes labels() {
    return {{"db.namespace", "documents.db"}, {"db.system.name", "sqlite"}};
  }
  static attributes read_labels() { return {{"db.query.summary", "select documents"}}; }
  static attributes write_labels() { return {{"db.query.summary", "delete documents"}}; }
  static conformance::transaction_calls transaction_labels() {
    return {{{"db.query.summary", "BEGIN"}},
            {{"db.query.summary", "COMMIT"}},
            {{"db.query.summary", "ROLLBACK"}}};
  }

  static std::vector<conformance::way<sqlite_client>> ways() {
    constexpr auto statement = "select body from documents where id <= hook(?)";
    return {{"exec", statement, "", &sqlite_client::read_by_exec},
            {"prepare and run", statement, "integer", &sqlite_client::read_by_run},
            {"bind and step", statement, "integer", &sqlite_client::read_by_step},
            {"bind at and rows", statement, "integer", &sqlite_client::read_by_rows},
            {"a cached statement", statement, "integer", &sqlite_client::read_by_cached},
            {"SQLite's functions", statement, "integer", &sqlite_client::read_by_c_api}};
  }

  void run_during_next_read(std::function<void()> during) { during_ = std::move(during); }

  void write(code_location site) { db_.exec("delete from documents where id < 0", site); }

  void meet(conformance::trouble kind, code_location site) {
    using conformance::trouble;
    switch (kind) {
      case trouble::refused: return db_.exec("select body from missing", site);
      case trouble::cancelled:
        run_during_next_read([this] { sqlite3_interrupt(db_.native()); });
        return read_by_exec(9, site);
      case trouble::lock: return write_locked(site);
      case trouble::timeout:
      case trouble::lost_connection: break;
    }
    throw std::logic_error{"SQLite does not know this trouble"};
  }

  static conformance::ending ending_of(conformance::trouble kind) {
    using conformance::trouble;
    switch (kind) {
      case trouble::cancelled:
        return {read_labels(),
                "9",
                "9",
                report_reason::cancelled,
                typeid(sqlite::error),
                "sqlite: interrupted (9)"};
      case trouble::lock:
        return {write_labels(),
                "5",
                "5",
                report_reason::timeout,
                typeid(sqlite::error),
                "sqlite: database is locked (5)"};
      default:
        return {{{"db.query.summary", "select missing"}},
                "1",
                "1",
                report_reason::error,
                typeid(sqlite::error),
                "sqlite: no such table: missing (1)"};
    }
  }

  [[nodiscard]] bool is_usable() const { return true; }

  static void connect_in_vain(recorder& telemetry) {
    const temporary_folder folder;
    const sqlite::connection db{telemetry, folder.path() / "no/such/documents.db"};
  }

  void send_secret(std::string_view secret) {
    const std::string value{secret};
    auto insert = db_.prepare("insert into documents(body) values (?)");
    insert.run(value);
    ignore_failure([&] { insert.run(value); });  // violates a constraint
    db_.exec("select '" + value + "-literal'");
    for (const char* text : {"select '%", "select unknown('%')", "select 1 '%' '%'"}) {
      ignore_failure([&] { db_.exec(replaced(text, value)); });
    }
  }

  void transact(bool commits, const std::function<void()>& inside) {
    sqlite::transaction transaction{db_};
    write(code_location::current());
    inside();
    if (commits) transaction.commit();
  }

 private:
  static void execute_bare(sqlite3* db, const char* sql) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error{sqlite3_errmsg(db)};
    }
  }
  static void hook(sqlite3_context* context, int, sqlite3_value** arguments) {
    auto* const self = static_cast<sqlite_client*>(sqlite3_user_data(context));
    if (const auto during = std::exchange(self->during_, {})) during();
    sqlite3_result_value(context, arguments[0]);
  }
  static std::string replaced(std::string text, const std::string& value) {
    for (std::size_t at = 0; (at = text.find('%', at)) != std::string::npos; at += value.size()) {
      text.replace(at, 1, value);
    }
    return text;
  }
  template <class Call>
  static void ignore_failure(Call call) {
    try {
      call();
    } catch (const sqlite::error&) {
    }
  }

  [[nodiscard]] std::string file() const { return folder_.path() / "documents.db"; }

  void read_by_exec(int rows, code_location site) {
    db_.exec("select body from documents where id <= hook(" + std::to_string(rows) + ")", site);
  }
  void read_by_run(int rows, code_location site) {
    db_.prepare("select body from documents where id <= hook(?)")
        .run(sqlite::statement::first_value{rows, site});
  }
  void read_by_step(int rows, code_location site) {
    auto search = db_.prepare("select body from documents where id <= hook(?)");
    search.bind(rows);
    while (search.step(site)) {
    }
  }
  void read_by_rows(int rows, code_location site) {
    auto search = db_.prepare("select body from documents where id <= hook(?)");
    search.bind_at(1, rows);
    for (const sqlite::row row : search.rows(site)) static_cast<void>(row);
  }
  void read_by_cached(int rows, code_location site) {
    db_.cached("select body from documents where id <= hook(?)")
        ->run(sqlite::statement::first_value{rows, site});
  }
  void read_by_c_api(int rows, code_location site) {
    sqlite::statement search;
    sqlite3_prepare_v2(db_, "select body from documents where id <= hook(?)", -1, &search, nullptr);
    sqlite3_bind_int(search, 1, rows);
    while (sqlite3_step(search, site) == SQLITE_ROW) {
    }
    sqlite3_finalize(search);
  }
  void write_locked(code_location site) {
    sqlite3* other = nullptr;
    sqlite3_open(file().c_str(), &other);
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> holder{other, &sqlite3_close};
    execute_bare(other, "begin exclusive");
    write(site);
  }

  temporary_folder folder_;
  sqlite::connection db_;
  std::function<void()> during_;
};

}  // namespace querytap::testing
