// A database system is found by its OpenTelemetry name, with all that the library knows of it; a
// name that is not in the table gets neutral advice.

#include <querytap/base/database_system.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace {

using namespace querytap;

std::string described(std::string_view name) {
  const database_system& system = find_database_system(name);
  std::string text{system.name};
  if (system.is_sql) text += " sql";
  if (system.default_port != 0) text += " " + std::to_string(system.default_port);
  switch (system.index) {
    case database_system::index_form::none: break;
    case database_system::index_form::named: text += " named"; break;
    case database_system::index_form::concurrently: text += " concurrently"; break;
  }
  return text;
}

}  // namespace

TEST_CASE("each system has its port and its way to create an index", "[database_system]") {
  CHECK(described("postgresql") == "postgresql sql 5432 concurrently");
  CHECK(described("sqlite") == "sqlite sql named");
  CHECK(described("mysql") == "mysql sql 3306 named");
  CHECK(described("mariadb") == "mariadb sql 3306 named");
  CHECK(described("other_sql") == "other_sql sql named");
  CHECK(described("redis") == "redis 6379");
  CHECK(described("mongodb") == "mongodb 27017");
  CHECK(described("chroma") == "chroma 8000");
}

TEST_CASE("of all systems, SQLite alone runs in the process of its callers", "[database_system]") {
  for (const std::string_view name :
       {"postgresql", "mysql", "mariadb", "other_sql", "redis", "mongodb", "", "qdrant"}) {
    CAPTURE(name);
    CHECK_FALSE(find_database_system(name).is_in_process);
  }
  CHECK(find_database_system("sqlite").is_in_process);
}

TEST_CASE("each system has the dialect of its statements", "[database_system]") {
  CHECK(find_database_system("postgresql").dialect == dialect::postgresql);
  CHECK(find_database_system("sqlite").dialect == dialect::sqlite);
  CHECK(find_database_system("mysql").dialect == dialect::mysql);
  CHECK(find_database_system("mariadb").dialect == dialect::mysql);
  CHECK(find_database_system("redis").dialect == dialect::redis);
  CHECK(find_database_system("mongodb").dialect == dialect::mongodb);
}

TEST_CASE("many reads become one in the words of the system", "[database_system]") {
  const auto advice = [](std::string_view name) { return find_database_system(name).batched_read; };
  CHECK_THAT(std::string{advice("postgresql")}, Catch::Contains("= ANY($1)"));
  CHECK_THAT(std::string{advice("mariadb")}, Catch::Contains("IN (…)"));
  CHECK_THAT(std::string{advice("redis")}, Catch::Contains("one pipeline"));
  CHECK_THAT(std::string{advice("mongodb")}, Catch::Contains("$in"));
}

TEST_CASE("a name that is not in the table gets the neutral row", "[database_system]") {
  for (const std::string_view name : {"", "qdrant", "PostgreSQL", "postgresql "}) {
    CAPTURE(name);
    const database_system& system = find_database_system(name);
    CHECK(&system == &database_systems::unknown);
    CHECK(system.name.empty());
    CHECK_FALSE(system.is_sql);
    CHECK_THAT(std::string{system.batched_read}, Catch::StartsWith("make one call"));
  }
}
