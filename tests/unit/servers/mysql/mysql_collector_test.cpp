// What a real MariaDB says of itself arrives as it said it: numbers, digests as the application's statements, and a
// reason for what it does not offer.

#include "mariadb_with_accounts.hpp"

#include <querytap/decorators/mysql.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/servers/mysql/mysql_collector.hpp>
#include <querytap/servers/mysql/mysql_probe.hpp>
#include <querytap/servers/mysql/mysql_write_probe.hpp>
#include <servers/common/own_questions.hpp>
#include <servers/mysql/mysql_digests.hpp>
#include <servers/mysql/mysql_instruments.hpp>
#include <support/collected_numbers.hpp>
#include <support/wait.hpp>
#include <unit/servers/answers.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::address_of;
using querytap::testing::ask;
using querytap::testing::bare_mysql;
using querytap::testing::collect_error_of;
using querytap::testing::collected_by;
using querytap::testing::connect_bare;
using querytap::testing::everything_in;
using querytap::testing::lacking_reason;
using querytap::testing::mariadb_server;
using querytap::testing::mariadb_with_accounts;
using querytap::testing::number_in;

namespace {

constexpr auto zoo_tables = R"(
  create database zoo; use zoo;
  create table animals(id int primary key auto_increment, name varchar(40), age int, kind varchar(20), made datetime);
  create table cages(id int primary key, animal int, size int, key by_animal (animal));
  insert into animals(id, name, age, kind) values (1, 'a', 1, 'x'), (2, 'b', 2, 'y'), (3, 'c', 3, 'x');
)";

// Each is run with other values, as an application does.
const char* const load[] = {
    "select id, name from animals where id = 1",
    "select * from animals where id in (1, 2)",
    "select * from animals where age = -5",
    "select * from animals where name = 'canary-value' and age > 3 limit 10",
    "select * from zoo.animals where age between 1 and 2",
    "select `name` from `animals` where `kind` = 'x'",
    "insert into animals(name, age) values ('a', 1)",
    "insert into animals(name, age, kind) values ('a', 1, 'x'), ('b', 2, 'y')",
    "insert into cages(id, animal, size) values (1, 2, 3) on duplicate key update size = 4",
    "insert into animals(name, made) values ('n', now())",
    "replace into cages(id, animal) values (7, 1)",
    "update animals set name = 'canary-value', age = age + 1 where id = 3",
    "delete from animals where id = 900 or name like 'q%'",
    "select count(*) from animals a join cages c on a.id = c.animal where c.size > 1 group by kind",
    "select a.name from animals as a left join cages c on c.animal = a.id where c.id is null",
    "select case when age > 3 then 'old' else 'young' end from animals",
    "select exists(select 1 from animals where id = 1)",
    "select id from animals where age > 2 union all select id from cages where size > 3",
    "select date_add(made, interval 1 day) from animals where made > now() - interval 7 day",
    "select distinct kind from animals where age <> 4",
    "select * from animals where id = 1 for update",
    "select name from animals order by age desc, id limit 2 offset 1",
    "select if(age > 1, 'a', 'b'), coalesce(name, 'x') from animals",
    "with old as (select id from animals where age > 1) select * from old where id = 2",
    "select kind, sum(age) from animals group by kind having sum(age) > 2 order by kind",
};

void run_load(mysql::connection& db) {
  for (const char* const sql : load) {
    INFO(sql);
    REQUIRE(mysql_query(&db, sql) == 0);
    mysql_free_result(mysql_store_result(&db));
  }
}

}  // namespace

TEST_CASE("statements are joined with the application's calls", "[mysql]") {
  mariadb_server server{{"--performance-schema=ON"}};
  const bare_mysql admin = connect_bare(server);
  ask(admin.get(), zoo_tables);
  mysql_collector collector{{.server = address_of(server)}};

  recorder telemetry;
  {
    mysql::connection db{telemetry};
    REQUIRE(mysql_real_connect(&db, "127.0.0.1", "root", "", "zoo",
                               static_cast<unsigned>(server.port()), nullptr, 0) != nullptr);
    for (int i = 0; i < 3; ++i) run_load(db);
  }
  std::map<std::uint64_t, std::uint64_t> calls_of_application;
  std::map<std::uint64_t, std::string> texts;
  for (const point& each : telemetry.collect().find("db.client.operation.duration")) {
    if (each.statement == nullptr) continue;
    calls_of_application[each.statement->fingerprint] += each.histogram->count();
    texts[each.statement->fingerprint] = each.statement->text;
  }

  const collected found = collected_by(collector);
  for (const server_statement& each : found.statements()) {
    if (each.database != "zoo" || !calls_of_application.contains(each.statement->fingerprint))
      continue;
    INFO(each.statement->text);
    CHECK(each.calls == calls_of_application[each.statement->fingerprint]);
    CHECK(each.time > 0ns);
    texts.erase(each.statement->fingerprint);
  }
  for (const auto& [fingerprint, text] : texts) UNSCOPED_INFO("not found: " << text);
  CHECK(texts.empty());
  CHECK(calls_of_application.size() == std::size(load));

  SECTION("with the rows that the server counted") {
    const auto counted = std::ranges::find_if(found.statements(), [](const server_statement& each) {
      return each.statement->text.starts_with("SELECT * FROM `animals` WHERE ID IN");
    });
    REQUIRE(counted != found.statements().end());
    CHECK(counted->rows == 6U);
    CHECK(counted->examined == 6U);
    CHECK(counted->errors == 0U);
  }
  SECTION("without a value") { CHECK(everything_in(found).find("canary") == std::string::npos); }
  SECTION("and what the server has no digest of is named") {
    CHECK(lacking_reason(found, "statements.prepared") ==
          "the server has no digests for statements that are prepared by its own protocol");
    ask(admin.get(), "insert into zoo.cages values (100, 1, 1)");
    std::string longest = "select 1";
    for (int i = 0; i < 400; ++i) longest += ", id + " + std::to_string(i);
    ask(admin.get(), longest + " from zoo.animals");
    mysql_collector fresh{{.server = address_of(server)}};
    const collected later = collected_by(fresh);
    CHECK(lacking_reason(later, "statements.cut_off") ==
          "digests that may lack their end and are left out (raise max_digest_length and "
          "performance_schema_max_digest_length): 1");
    CHECK(lacking_reason(later, "statements.guessed").ends_with("and may not be joined: 1"));
  }
  SECTION("bounded, those first that took longest") {
    mysql_collector few{{.server = address_of(server), .most_statements = 3}};
    const collected least = collected_by(few);
    CHECK(lacking_reason(least, "statements.unread").empty());
    REQUIRE(least.statements().size() == 3);
    CHECK(least.statements()[0].time >= least.statements()[1].time);
    CHECK(least.statements()[1].time >= least.statements()[2].time);
    mysql_collector reads_few{{.server = address_of(server), .most_digests = 4}};
    const collected some = collected_by(reads_few);
    CHECK(some.statements().size() <= 4);
    CHECK(lacking_reason(some, "statements.unread") ==
          "there are 4 digests or more; the others are not read, see most_digests");
  }
}

TEST_CASE("what a collector and probes ask a MariaDB is known as that", "[mysql]") {
  const mariadb_server server{{"--performance-schema=ON"}};
  const bare_mysql admin = connect_bare(server);
  ask(admin.get(), "create database watched");
  mysql_probe probe{{.server = address_of(server)}};
  mysql_write_probe writes{{.server = address_of(server), .database = "watched"}};
  for (int i = 0; i < 2; ++i) {
    static_cast<void>(probe.look(std::chrono::steady_clock::now() + 10s));
    static_cast<void>(writes.look(std::chrono::steady_clock::now() + 10s));
  }
  mysql_collector first{{.server = address_of(server)}};
  static_cast<void>(collected_by(first));
  mysql_collector second{{.server = address_of(server)}};
  std::string unknown;
  int known = 0;
  const collected found = collected_by(second);
  for (const server_statement& each : found.statements()) {
    if (detail::is_own_question(each)) {
      ++known;
    } else {
      unknown += each.statement->text + '\n';
    }
  }
  CHECK(unknown == "CREATE DATABASE `watched`\n");
  CHECK(known > 8);
}

TEST_CASE("digests of one statement are added up, by database") {
  detail::mysql_digests digests{10, 100};
  digests.use(
      {{"zoo", "SELECT ID FROM `t` WHERE ID IN (?) ", "1", "5000", "0", "0", "1", "2"},
       {"zoo", "SELECT `id` FROM `t` WHERE `id` IN (...) ", "2", "7000", "1", "0", "4", "8"},
       {"park", "SELECT ID FROM `t` WHERE ID IN (?) ", "9", "1000", "0", "0", "0", "0"},
       {"", "", "17", "1000", "0", "0", "0", "0"}},
      1024);
  REQUIRE(digests.statements().size() == 2);
  const server_statement& first = digests.statements()[0];
  CHECK(first.database == "zoo");
  CHECK(first.calls == 3);
  CHECK(first.time == 12ns);
  CHECK(first.rows == 5U);
  CHECK(first.examined == 10U);
  CHECK(first.errors == 1U);
  CHECK(digests.statements()[1].database == "park");
  CHECK(digests.lacking().back().reason.starts_with(
      "executions without a digest, as the table is full"));
}

TEST_CASE("numbers of a MariaDB are the server's, with its address", "[mysql]") {
  mariadb_server server;
  const bare_mysql admin = connect_bare(server);
  ask(admin.get(), zoo_tables);
  mysql_collector collector{{.server = address_of(server)}};
  const collected first = collected_by(collector);
  ask(admin.get(), "begin; select * from zoo.animals for update");
  // InnoDB shows what it saw last while it is asked again within a tenth of a second.
  std::this_thread::sleep_for(150ms);
  const collected found = collected_by(collector);
  const auto rise = [&](std::string_view name, const attributes& labels) {
    return number_in(found, name, labels).value() - number_in(first, name, labels).value();
  };
  CHECK(rise("mysql.commands", {{"command", "begin"}}) == 1.0);
  CHECK(rise("mysql.query.client.count", {}) >= 2.0);
  CHECK(number_in(found, "mysql.threads", {{"kind", "connected"}}) == 2.0);
  CHECK(number_in(found, "mysql.connection.limit") == 151.0);
  CHECK(number_in(found, "mysql.buffer_pool.limit") == 8388608.0);
  CHECK(number_in(found, "mysql.transactions.open") >= 1.0);  // InnoDB has its own
  CHECK(number_in(found, "mysql.innodb.deadlocks") == 0.0);
  const auto usage = [&](const char* status) {
    return number_in(found, "mysql.buffer_pool.usage", {{"status", status}}).value();
  };
  CHECK(usage("clean") + usage("dirty") > 0.0);
  CHECK(!number_in(found, "mysql.replica.time_behind_source"));

  CHECK(found.statements().empty());
  CHECK(lacking_reason(found, "statements") ==
        "performance_schema is off: start the server with performance_schema = ON");
  CHECK(lacking_reason(found, "mysql.row_operations") ==
        "this version does not report Innodb_rows_deleted");

  std::set<std::string_view> names;
  for (const instrument* const each : catalog::mysql::all) {
    CHECK(names.insert(each->name).second);
    CHECK(!each->unit.empty());
    CHECK(each->description.ends_with('.'));
  }
  for (const collected::number& each : found.numbers()) {
    CHECK(names.contains(each.instrument->name));
    CHECK(*each.labels.find("db.system.name") == attribute_value{std::string{"mariadb"}});
    CHECK(*each.labels.find("server.address") == attribute_value{std::string{"127.0.0.1"}});
    CHECK(*each.labels.find("server.port") == attribute_value{std::int64_t{server.port()}});
    for (const attribute& label : each.labels) {
      INFO(each.instrument->name << " " << label.key);
      CHECK(std::ranges::count(each.instrument->attributes, label.key) == 1);
    }
  }
  CHECK(collector.calls_to_join() ==
        attributes{{"server.address", "127.0.0.1"}, {"server.port", server.port()}});

  SECTION("a server that stands still or is gone is given up in time") {
    server.pause();
    const auto begin = std::chrono::steady_clock::now();
    CHECK(collect_error_of(collector, 100ms) == "the server did not answer in time");
    CHECK(std::chrono::steady_clock::now() - begin < 1s);
    server.resume();
    CHECK(collect_error_of(collector) == "");
    server.crash();
    CHECK(collect_error_of(collector) == "cannot connect to the database");
    server.restart();
    CHECK(collect_error_of(collector) == "");
  }
}

TEST_CASE("what the user of a MariaDB may not see is named as lacking", "[mysql]") {
  mariadb_with_accounts accounts{{"--performance-schema=ON"}};
  const bare_mysql root = connect_bare(accounts.server());
  mysql_collector collector{{.server = accounts.watcher()}};
  const collected found = collected_by(collector);
  CHECK(number_in(found, "mysql.uptime").has_value());
  CHECK(lacking_reason(found, "mysql.transactions") == "needs the right PROCESS");
  CHECK(lacking_reason(found, "mysql.replica") == "needs the right SLAVE MONITOR");
  CHECK(lacking_reason(found, "statements") == "needs the right SELECT on performance_schema");
  CHECK(everything_in(found).find("canary") == std::string::npos);

  ask(root.get(),
      "grant slave monitor, process on *.* to watcher@'127.0.0.1'; "
      "grant select on performance_schema.* to watcher@'127.0.0.1'");
  mysql_collector again{{.server = accounts.watcher()}};
  const collected all = collected_by(again);
  CHECK(lacking_reason(all, "mysql.transactions").empty());
  CHECK(lacking_reason(all, "mysql.replica").empty());
  CHECK(!all.statements().empty());
}
