#pragma once

#include <querytap/decorators/mysql.hpp>
#include <support/bare_mysql.hpp>
#include <support/conformance/client.hpp>
#include <support/mariadb_server.hpp>

#include <poll.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// Exported by libmariadb, and declared in none of its headers: called for each packet.
extern "C" int ma_pvio_register_callback(my_bool add, void (*callback)(int mode, MYSQL* handle,
                                                                       const unsigned char* data,
                                                                       std::size_t size));

namespace querytap::testing {

/// MariaDB for the conformance kit: a server of its own with ten documents.
class mysql_client {
 public:
  static constexpr std::string_view name = "MariaDB";
  static constexpr conformance::capabilities can{.rows = true,
                                                 .transactions = true,
                                                 .timeouts = true,
                                                 .cancellation = true,
                                                 .locks = true,
                                                 .lost_connections = true};

  explicit mysql_client(recorder& telemetry, const conformance::client_options& options = {})
      : telemetry_{telemetry},
        db_{telemetry,
            {.slow_threshold = options.slow_threshold,
             .describe_parameters = options.describe_parameters}} {
    mysql_options(&db_, MYSQL_OPT_NONBLOCK, nullptr);
    check(mysql_real_connect(&db_, "127.0.0.1", "root", "", "documents",
                             static_cast<unsigned>(filled_server().port()), nullptr, 0) == nullptr);
  }
  ~mysql_client() {
    if (prepared_ != nullptr) mysql_stmt_close(prepared_);
  }

  static attributes labels() {
    return {{"db.namespace", "documents"},
            {"db.system.name", "mariadb"},
            {"server.address", "127.0.0.1"},
            {"server.port", filled_server().port()}};
  }
  static attributes read_labels() { return summary("select documents"); }
  static attributes write_labels() { return summary("delete documents"); }
  static conformance::transaction_calls transaction_labels() {
    return {summary("BEGIN"), summary("COMMIT"), summary("ROLLBACK")};
  }

  static std::vector<conformance::way<mysql_client>> ways() {
    constexpr auto statement = "select body from documents where id <= ?";
    return {{"a text and all rows at once", statement, "", &mysql_client::read_stored},
            {"a text and its rows one by one", statement, "", &mysql_client::read_unbuffered},
            {"a text in an event loop", statement, "", &mysql_client::read_in_loop},
            {"a prepared statement", statement, "integer", &mysql_client::read_prepared},
            {"a prepared statement and all its rows at once", statement, "integer",
             &mysql_client::read_prepared_stored}};
  }

  void run_during_next_read(std::function<void()> during) { during_ = std::move(during); }

  void write(code_location site) { exec("delete from documents where id < 0", site); }

  void meet(conformance::trouble kind, code_location site) {
    using conformance::trouble;
    switch (kind) {
      case trouble::refused: return exec("select body from missing", site);
      case trouble::timeout:
        ask(db_.native(), "set max_statement_time = 0.02");
        return exec("select sleep(60)", site);
      case trouble::cancelled: return exec_and("kill query ", site);
      case trouble::lock: return read_locked(site);
      case trouble::lost_connection: return exec_and("kill ", site);
    }
  }

  static conformance::ending ending_of(conformance::trouble kind) {
    using conformance::trouble;
    const auto ending = [](std::string_view called, const char* number, report_reason reason,
                           const char* message) {
      return conformance::ending{summary(called),      number, number, reason,
                                 typeid(mysql::error), message};
    };
    switch (kind) {
      case trouble::refused: break;
      case trouble::timeout:
        return ending("select", "1969", report_reason::timeout, "max_statement_time exceeded");
      case trouble::cancelled:
        return ending("select", "1317", report_reason::cancelled, "interrupted");
      case trouble::lock:
        return ending("select locked", "1205", report_reason::timeout, "Lock wait timeout");
      case trouble::lost_connection: {
        conformance::ending lost =
            ending("select", "2013", report_reason::error, "Lost connection");
        lost.status_code.clear();
        return lost;
      }
    }
    return ending("select missing", "1146", report_reason::error, "missing' doesn't exist");
  }

  [[nodiscard]] bool is_usable() { return ::mysql_ping(db_.native()) == 0; }

  static void connect_in_vain(recorder& telemetry) {
    mysql::connection db{telemetry};
    connect_as(db, "canary", "missing");
  }

  void send_secret(std::string_view secret);

  void transact(bool commits, const std::function<void()>& inside) {
    exec("BEGIN", code_location::current());
    const rollback_unless_committed open{db_};
    exec("delete from documents where id < 0", code_location::current());
    inside();
    if (commits) check(mysql_commit(&db_) != 0);
  }

 private:
  struct rollback_unless_committed {
    mysql::connection& db;
    ~rollback_unless_committed() {
      if ((db.native()->server_status & SERVER_STATUS_IN_TRANS) != 0) mysql_rollback(&db);
    }
  };

  static attributes summary(std::string_view text) {
    return {{"db.query.summary", std::string{text}}};
  }

  /// The shared server, with the kit's tables.
  static mariadb_server& filled_server() {
    static mariadb_server& server = [&]() -> mariadb_server& {
      const bare_mysql db = connect_bare(mariadb_server::shared());
      ask(db.get(),
          "create database if not exists documents; use documents;"
          "create table documents(id int primary key, body text);"
          "insert into documents select seq, concat('page ', seq) from seq_1_to_10;"
          "create table locked(id int primary key) engine = innodb; insert into locked values (1)");
      ma_pvio_register_callback(1, [](int, MYSQL*, const unsigned char*, std::size_t) {
        if (const auto during = std::exchange(during_, {})) during();
      });
      return mariadb_server::shared();
    }();
    return server;
  }

  static void connect_as(mysql::connection& db, const char* user, const char* database) {
    if (mysql_real_connect(&db, "127.0.0.1", user, "canary", database,
                           static_cast<unsigned>(filled_server().port()), nullptr, 0) == nullptr) {
      throw mysql::error{&db};
    }
  }

  void check(bool failed) {
    if (failed) throw mysql::error{&db_};
  }

  /// Reads all rows, if there are any.
  void exec(const std::string& sql, code_location site) {
    check(mysql_real_query(&db_, sql.data(), sql.size(), site) != 0);
    mysql_free_result(mysql_store_result(&db_));
    check(mysql_errno(&db_) != 0);
  }

  static std::string read_text_of(int rows) {
    return "select body from documents where id <= " + std::to_string(rows);
  }
  void read_stored(int rows, code_location site) { exec(read_text_of(rows), site); }
  void read_unbuffered(int rows, code_location site) {
    check(mysql_query(&db_, read_text_of(rows).c_str(), site) != 0);
    mysql::result* const result = mysql_use_result(&db_);
    while (mysql_fetch_row(result) != nullptr) {
    }
    mysql_free_result(result);
  }
  void read_in_loop(int rows, code_location site) {
    const std::string sql = read_text_of(rows);
    // Not while the client library is on a stack of its own.
    const auto during = std::exchange(during_, {});
    int failed = 0;
    int events = mysql_real_query_start(&failed, &db_, sql.data(), sql.size(), site);
    if (during) during();
    while (events != 0) events = mysql_real_query_cont(&failed, &db_, wait_for(events));
    check(failed != 0);
    mysql::result* result = nullptr;
    events = mysql_store_result_start(&result, &db_);
    while (events != 0) events = mysql_store_result_cont(&result, &db_, wait_for(events));
    check(result == nullptr);
    mysql_free_result(result);
  }
  [[nodiscard]] int wait_for(int events) {
    pollfd socket{mysql_get_socket(&db_),
                  static_cast<short>((events & MYSQL_WAIT_READ) != 0 ? POLLIN : POLLOUT), 0};
    static_cast<void>(poll(&socket, 1, -1));
    return events & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE);
  }
  void prepare() {
    const auto during = std::exchange(during_, {});
    prepared_ = mysql_stmt_init(&db_);
    constexpr std::string_view sql = "select body from documents where id <= ?";
    check(mysql_stmt_prepare(prepared_, sql.data(), sql.size()) != 0);
    during_ = during;
  }
  void execute_prepared(int rows, code_location site) {
    if (prepared_ == nullptr) prepare();
    MYSQL_BIND value{};
    value.buffer_type = MYSQL_TYPE_LONG;
    value.buffer = &rows;
    mysql_stmt_bind_param(prepared_, &value);
    if (mysql_stmt_execute(prepared_, site) != 0) throw mysql::error{prepared_};
  }
  void read_prepared(int rows, code_location site) {
    execute_prepared(rows, site);
    while (mysql_stmt_fetch(prepared_) == 0) {
    }
  }
  void read_prepared_stored(int rows, code_location site) {
    execute_prepared(rows, site);
    mysql_stmt_store_result(prepared_);
    while (mysql_stmt_fetch(prepared_) == 0) {
    }
    mysql_stmt_free_result(prepared_);
  }
  void read_locked(code_location site) {
    const bare_mysql other = connect_bare(filled_server(), "documents");
    ask(other.get(), "begin; select id from locked for update");
    ask(db_.native(), "set innodb_lock_wait_timeout = 1");
    exec("select id from locked for update", site);
  }

  /// A long statement, during which another session does this to the connection.
  void exec_and(const std::string& command, code_location site) {
    const std::string id = std::to_string(mysql_thread_id(&db_));
    std::thread administrator{[&] {
      const bare_mysql other = connect_bare(filled_server());
      const std::string sleeping =
          "select count(*) from information_schema.processlist where state = 'User sleep' and id "
          "= ";
      while (ask(other.get(), sleeping + id) == "0") std::this_thread::yield();
      ask(other.get(), command + id);
    }};
    struct joined {
      std::thread& thread;
      ~joined() { thread.join(); }
    } const end{administrator};
    exec("select sleep(60)", site);
  }

  recorder& telemetry_;
  mysql::connection db_;
  mysql::statement* prepared_ = nullptr;
  static inline thread_local std::function<void()> during_;
};

inline void mysql_client::send_secret(std::string_view secret) {
  const std::string value{secret};
  const auto send = [&](const std::string& sql) {
    try {
      exec(sql, code_location::current());
    } catch (const mysql::error&) {
      return;
    }
  };
  const auto ignore_failure = [&](auto call) {
    try {
      call();
    } catch (const mysql::error&) {
      return;
    }
  };
  ignore_failure([&] {
    mysql::connection missing{telemetry_};
    connect_as(missing, value.c_str(), value.c_str());
  });
  ignore_failure([&] {
    mysql::connection named{telemetry_};
    mysql_optionsv(&named, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", value.c_str());
    connect_as(named, value.c_str(), nullptr);
    mysql_select_db(&named, value.c_str());
    mysql_change_user(&named, value.c_str(), value.c_str(), "documents");
    mysql_ping(&named);
  });
  send("create temporary table secrets(body text, unique(body(50)))");
  send("insert into secrets values ('" + value + "'), (\"" + value + "-double\")");
  send("insert into secrets values ('it\\'s " + value + "'), (\"a\\\"" + value + "\")");
  send("insert into secrets values ('" + value + "')");
  send("set sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'");
  send("insert into secrets values ('a\\'), ('" + value + "-ansi')");
  send("set sql_mode = ''");
  send("insert into secrets values (\"" + value + "-mode\")");
  for (const char* text :
       {"select '%' frm t where", "signal sqlstate '45000' set message_text = '%'", "select '%",
        "select \"%", "select 1 /*! , '%' */"}) {
    const std::string_view format{text};
    const std::size_t at = format.find('%');
    send(std::string{format.substr(0, at)} + value + std::string{format.substr(at + 1)});
  }
  mysql::statement* const insert = mysql_stmt_init(&db_);
  const std::string sql = "insert into secrets values (?)";
  mysql_stmt_prepare(insert, sql.data(), sql.size());
  MYSQL_BIND parameter{};
  parameter.buffer_type = MYSQL_TYPE_STRING;
  parameter.buffer = const_cast<char*>(value.data());
  parameter.buffer_length = value.size();
  mysql_stmt_bind_param(insert, &parameter);
  for (int i = 0; i < 2; ++i) mysql_stmt_execute(insert);
  mysql_stmt_send_long_data(insert, 0, value.data(), value.size());
  mysql_stmt_execute(insert);
  const std::string literal = "insert into secrets values ('" + value + "-direct')";
  mariadb_stmt_execute_direct(insert, literal.data(), literal.size());
  mysql_stmt_close(insert);
}

}  // namespace querytap::testing
