// Secrets that are planted in literals, parameters, comments, passwords, error messages and views appear in
// no output of the process: all of them are searched.

#include <querytap/base/error.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/decorators/postgres.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/exporters/json/json.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/runtime/files/report_file.hpp>
#include <querytap/runtime/health/health.hpp>
#include <querytap/runtime/otlp/otlp_reports.hpp>
#include <querytap/runtime/pages/pages.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/servers/chroma/chroma_collector.hpp>
#include <querytap/servers/chroma/chroma_probe.hpp>
#include <querytap/servers/host/command_probe.hpp>
#include <querytap/servers/host/host_collector.hpp>
#include <querytap/servers/host/process_collector.hpp>
#include <querytap/servers/http/http_probe.hpp>
#include <querytap/servers/http/model_probe.hpp>
#include <querytap/servers/mongodb/mongodb_collector.hpp>
#include <querytap/servers/mongodb/mongodb_probe.hpp>
#include <querytap/servers/mysql/mysql_collector.hpp>
#include <querytap/servers/mysql/mysql_probe.hpp>
#include <querytap/servers/postgres.hpp>
#include <querytap/servers/postgres/postgres_collector.hpp>
#include <querytap/servers/postgres/postgres_probe.hpp>
#include <querytap/servers/redis/redis_collector.hpp>
#include <querytap/servers/redis/redis_probe.hpp>
#include <querytap/servers/sqlite.hpp>
#include <querytap/servers/sqlite/sqlite_collector.hpp>
#include <support/child_process.hpp>
#include <support/mongo_server.hpp>
#include <support/postgres_server.hpp>
#include <support/wait.hpp>
#include <unit/runtime/otlp/otlp_collector.hpp>
#include <unit/servers/mysql/mariadb_with_accounts.hpp>

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <string>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

// Not the name of a table or column, and not in any text without a secret.
const std::string secret = "5EC2E7";
const std::string quoted = "'" + secret + "'";

/// What the process writes to standard error while the object lives.
class standard_error {
 public:
  explicit standard_error(const std::filesystem::path& file) : file_{file}, before_{dup(2)} {
    const int target = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    REQUIRE(target >= 0);
    dup2(target, 2);
    close(target);
  }
  ~standard_error() { restore(); }
  standard_error(const standard_error&) = delete;
  standard_error& operator=(const standard_error&) = delete;

  std::string text() {
    restore();
    return read_text(file_);
  }

 private:
  void restore() {
    if (before_ < 0) return;
    dup2(before_, 2);
    close(std::exchange(before_, -1));
  }

  std::filesystem::path file_;
  int before_;
};

std::string with_secrets(const std::string& connection_string) {
  return connection_string + " password=" + secret + " application_name=" + secret;
}

template <class Call>
void must_fail(Call call) {
  CHECK_THROWS_AS(call(), std::exception);
}

void use_postgres(recorder& telemetry, const std::string& connection_string) {
  postgres::connection db{
      telemetry, connection_string, {.slow_threshold = 1ns, .describe_parameters = true}};
  postgres::nontransaction session{db};
  session.exec("create table people(name text primary key, age int check (age <> 7))");
  session.exec("create view known as select * from people where name <> " + quoted);
  session.exec("insert into people values (" + quoted + ", 1) -- " + secret);
  session.exec("/* traceparent=" + quoted + " */ select $$" + secret + "$$, E'" + secret + "', U&" +
               quoted + ", age from known where name = " + quoted + " and age in (1, 2, 3)");
  session.exec_params("select name from people where name = $1", secret);
  session.exec("select pg_sleep(0.001), '" + secret + "'");
  // The servers quote in their messages what they are given.
  must_fail([&] { session.exec("insert into people values (" + quoted + ", 1)"); });
  must_fail([&] { session.exec("select " + quoted + "::int"); });
  must_fail([&] { session.exec_params("select $1::date", secret); });
  must_fail([&] { session.exec("select 'unterminated " + secret); });
  must_fail([&] { session.exec("do $$ begin raise exception " + quoted + "; end $$"); });
  session.exec("do $$ begin raise notice " + quoted + "; end $$");
}

void use_sqlite(recorder& telemetry, const std::string& file) {
  sqlite::connection db{telemetry, file, {.slow_threshold = 1ns, .describe_parameters = true}};
  db.exec(
      "create table people(name text primary key, age int);"
      "create view known as select * from people where name <> " +
      quoted);
  db.exec("insert into people values (" + quoted + ", x'" + secret + "') -- " + secret);
  db.prepare("select name from known where name = ? and age > 0x" + secret).run(secret);
  must_fail([&] { db.exec("insert into people values (" + quoted + ", 1)"); });
  must_fail([&] { db.exec("select 'unterminated " + secret); });
  must_fail([&] { db.exec("select load_extension(" + quoted + ")"); });
}

void use_all(recorder& telemetry, const std::string& connection_string, const std::string& file) {
  request all{telemetry, "POST /chat"};
  use_postgres(telemetry, connection_string);
  use_sqlite(telemetry, file);
  sqlite::connection db{telemetry, file};
  auto search = db.prepare("select age from people where name = ?");
  for (int i = 0; i < 10; ++i) search.run(secret);
}

void read_again(recorder& telemetry, const std::string& connection_string,
                const std::string& file) {
  postgres::connection server{telemetry, connection_string, {.slow_threshold = 1ns}};
  postgres::nontransaction{server}.exec_params("select name from people where name = $1", secret);
  sqlite::connection db{telemetry, file, {.slow_threshold = 1ns}};
  db.prepare("select name from known where name = ? and age > 0x" + secret).run(secret);
}

/// Servers that answer, and refuse whoever logs in with a secret.
class refusing_servers {
 public:
  [[nodiscard]] mysql_address orders() const {
    mysql_address address = mariadb_.watcher();
    address.password = secret;
    return address;
  }
  [[nodiscard]] mysql_address orders_of_stranger() const {
    mysql_address address = orders();
    address.user = secret;
    return address;
  }
  [[nodiscard]] mongodb_address chat() const {
    return {.port = mongodb_.port(), .user = secret, .password = secret};
  }
  [[nodiscard]] std::string commands_of_mongodb() const { return mongodb_.commands(); }

 private:
  mariadb_with_accounts mariadb_;
  // Says the secret again; libmongoc's own log on standard output is the application's, see mongodb_address.hpp.
  mongo_server mongodb_{[](const mongo_command& command) -> mongo_reply {
    if (!command.name.starts_with("sasl")) return {};
    return {.json = R"({"ok": 0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "not )" +
                    secret + "\"}"};
  }};
};

// Nobody listens there, or whoever does refuses, and says the secret again.
collectors_options sources_with_secrets(const std::string& connection_string,
                                        const std::string& file, const std::string& refusing_url,
                                        const refusing_servers& refusing) {
  const std::string nowhere = "host=127.0.0.1 port=1 user=" + secret + " password=" + secret;
  const redis_address cache{.port = 1, .user = secret, .password = secret};
  const mysql_address orders{.host = "127.0.0.1", .port = 1, .user = secret, .password = secret};
  const mongodb_address chat{.port = 1, .user = secret, .password = secret};
  return {
      .sources = {
          std::make_shared<postgres_collector>(
              postgres_collector_options{.connection_string = connection_string}),
          std::make_shared<postgres_collector>(
              postgres_collector_options{.connection_string = nowhere}),
          std::make_shared<redis_collector>(redis_collector_options{.server = cache}),
          std::make_shared<mysql_collector>(mysql_collector_options{.server = orders}),
          std::make_shared<mongodb_collector>(mongodb_collector_options{.server = chat}),
          std::make_shared<mysql_collector>(mysql_collector_options{.server = refusing.orders()}),
          std::make_shared<mongodb_collector>(mongodb_collector_options{.server = refusing.chat()}),
          std::make_shared<chroma_collector>(
              chroma_collector_options{.url = refusing_url, .token = secret}),
          std::make_shared<sqlite_collector>(file), std::make_shared<process_collector>(),
          std::make_shared<host_collector>()}};
}

health_options checks_with_secrets(const std::string& connection_string,
                                   const std::string& refusing_url,
                                   const refusing_servers& refusing) {
  const std::string refused = connection_string + " user=" + secret;
  const redis_address cache{.port = 1, .user = secret, .password = secret};
  const mysql_address orders{.host = "127.0.0.1", .port = 1, .user = secret, .password = secret};
  const mongodb_address chat{.port = 1, .user = secret, .password = secret};
  return {.checks = {
              {.component = "well",
               .probe = std::make_shared<postgres_probe>(
                   postgres_probe_options{.connection_string = connection_string})},
              {.component = "refused",
               .probe = std::make_shared<postgres_probe>(
                   postgres_probe_options{.connection_string = refused})},
              {.component = "redis",
               .probe = std::make_shared<redis_probe>(redis_probe_options{.server = cache})},
              {.component = "mysql",
               .probe = std::make_shared<mysql_probe>(mysql_probe_options{.server = orders})},
              {.component = "mongodb",
               .probe = std::make_shared<mongodb_probe>(mongodb_probe_options{.server = chat})},
              {.component = "mysql refuses",
               .probe =
                   std::make_shared<mysql_probe>(mysql_probe_options{.server = refusing.orders()})},
              {.component = "mysql refuses a stranger",
               .probe = std::make_shared<mysql_probe>(
                   mysql_probe_options{.server = refusing.orders_of_stranger()})},
              {.component = "mongodb refuses",
               .probe = std::make_shared<mongodb_probe>(
                   mongodb_probe_options{.server = refusing.chat()})},
              {.component = "chroma",
               .probe = std::make_shared<chroma_probe>(
                   chroma_probe_options{.url = refusing_url, .token = secret})},
              {.component = "search",
               .probe = std::make_shared<http_probe>(http_probe_options{
                   .url = refusing_url + "/search?key=" + secret, .headers = {{"x-key", secret}}})},
              {.component = "model",
               .probe = std::make_shared<model_probe>(
                   model_probe_options{.url = refusing_url, .key = secret})},
              {.component = "command",
               .probe = std::make_shared<command_probe>(
                   std::vector<std::string>{"/bin/ls", "/" + secret})}}};
}

bool all_known(const health& checks) {
  return std::ranges::none_of(checks.reports(), [](const health_report& report) {
    return report.status == health_status::unknown;
  });
}

using outputs = std::map<std::string, std::string>;

void add_pages(recorder& telemetry, outputs& bodies) {
  pages pages{telemetry, {.statements = true}};
  for (const char* path : {"/",
                           "/slow",
                           "/requests",
                           "/pools",
                           "/findings",
                           "/metrics",
                           "/sources",
                           "/health",
                           "/readyz?verbose",
                           "/live?view=statements",
                           "/view?view=overview",
                           "/view?view=statements",
                           "/view?view=requests",
                           "/view?view=pools",
                           "/view?view=running",
                           "/view?view=findings",
                           "/view?view=health",
                           "/view?view=servers",
                           "/view?view=library",
                           "/report.html",
                           "/report.md",
                           "/report.csv",
                           "/report.json"}) {
    bodies[path] = pages.respond({.method = "GET", .path = path, .trusted = true}).body;
  }
  for (const char* accept : {"text/plain; version=0.0.4", "application/openmetrics-text",
                             "application/vnd.google.protobuf; encoding=delimited; "
                             "proto=io.prometheus.client.MetricFamily"}) {
    bodies[std::string{"/metrics as "} + accept] =
        pages.respond({.method = "GET", .path = "/metrics", .accept = accept}).body;
  }
}

}  // namespace

TEST_CASE("no secret is in any output of the process", "[no_secret_leaves]") {
  const temporary_folder folder;
  const std::string database = (folder.path() / "people.db").string();
  const std::filesystem::path lines = folder.path() / "slow.jsonl";
  const std::string server = with_secrets(postgres_server::shared().connection_string());
  standard_error complaints{folder.path() / "stderr"};
  outputs all;
  std::size_t planned = 0;
  const fault_server collector{{reply(200)}};
  const fault_server refusing{
      {reply(500, "x-echo: " + secret + "\r\n", R"({"error": ")" + secret + R"("})")}};
  const refusing_servers at_login;
  {
    recorder telemetry{{.service_name = "test"}};
    for (const otlp_encoding encoding : {otlp_encoding::protobuf, otlp_encoding::json}) {
      otlp_exporter_options options = options_for(collector);
      options.encoding = encoding;
      options.gzip = false;
      options.headers = {{"authorization", secret}};
      otlp_exporter exporter{telemetry, options};
      query_watch watch{
          telemetry,
          {.interval = std::chrono::hours{1},
           .listeners = {std::make_shared<report_file>(telemetry,
                                                       json_lines_file_options{.path = lines}),
                         std::make_shared<otlp_reports>(exporter)},
           .plans = {std::make_shared<postgres_inspector>(server),
                     std::make_shared<sqlite_inspector>(database)},
           .on_call_report = [&](const call_report& call) { planned += call.plan != nullptr; }}};
      if (encoding == otlp_encoding::protobuf) use_all(telemetry, server, database);
      watch.look();
      // A look asks servers for half a second: on a slow machine, not for every plan.
      for (int looks = 0; looks < 20 && planned < 5; ++looks) {
        read_again(telemetry, server, database);
        watch.look();
      }
      collectors servers{telemetry,
                         sources_with_secrets(server, database, refusing.url(), at_login)};
      const health checks{telemetry, checks_with_secrets(server, refusing.url(), at_login)};
      servers.ask_now();
      CHECK(became_true([&] { return all_known(checks); }));
      add_pages(telemetry, all);
      all["the snapshot as JSON"] += to_json(telemetry.collect());
    }
  }
  all["the file of slow queries"] = read_text(lines);
  all["standard error"] = complaints.text();
  for (const received_request& request : collector.requests()) {
    all["OTLP " + request.path] += request.body;
  }

  CHECK(planned >= 5);
  CHECK_THAT(all["/sources"], Catch::Contains("sqlite"));
  CHECK_THAT(all["/sources"], Catch::Contains("mongodb") && Catch::Contains("chroma"));
  CHECK_THAT(all["/health"], Catch::Contains("refused:responseTime"));
  CHECK(refusing.wait_for(3).size() >= 3);
  CHECK_THAT(all["/health"], Catch::Contains("the server does not accept this user and password"));
  CHECK_THAT(at_login.commands_of_mongodb(), Catch::Contains("saslStart"));
  for (const char* name :
       {"OTLP /v1/metrics", "OTLP /v1/logs", "OTLP /v1/traces", "the file of slow queries", "/slow",
        "/requests", "/findings", "/view?view=statements", "/view?view=running", "/report.html",
        "/report.md", "/report.csv"}) {
    INFO(name);
    CHECK_THAT(all[name], Catch::Contains("people"));  // the report has been there
  }
  for (const auto& [name, text] : all) {
    const std::size_t at = std::min(text.find(secret), text.size());
    INFO(name << ": …" << text.substr(at - std::min<std::size_t>(at, 200), 400));
    CHECK(text.find(secret) == std::string::npos);
  }
}
