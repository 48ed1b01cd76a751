// A connection shows a name in double quotes that its schema has, and hides what SQLite takes for a
// string.

#include <querytap/calls/backend.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/query/known_columns.hpp>
#include <querytap/snapshot/statement_table.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <string_view>

namespace {

using namespace querytap;

/// A database with a few tables, none of whose definitions is an operation.
struct quoted_database {
  capture telemetry;
  sqlite::connection db{telemetry.recorder(), ":memory:"};

  quoted_database() {
    for (const char* sql :
         {"create table users (id integer primary key, name text unique, active int, data text)",
          "create table \"order items\" (id integer primary key, user_id int, \"Tag\" text)",
          "create view seniors as select id, name as title from users",
          "create virtual table docs using fts5(body)", "attach ':memory:' as side",
          "create table side.people (id integer primary key, nickname text)"}) {
      REQUIRE(sqlite3_exec(db.native(), sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    }
  }

  void switch_strings_off() {
    sqlite3_db_config(db.native(), SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(db.native(), SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  }

  /// The text of the one statement that has been executed; of several, all in their order.
  std::string shown() {
    std::set<std::string> texts;
    for (const statement_row& row : statement_table(telemetry.recorder().collect())) {
      texts.insert(row.statement->text);
    }
    std::string lines;
    for (const std::string& text : texts) lines += (lines.empty() ? "" : "\n") + text;
    return lines;
  }
};

std::string shown_of(const std::string& sql) {
  quoted_database database;
  database.db.exec(sql);
  return database.shown();
}

}  // namespace

TEST_CASE("statements of mappers that quote every name are shown with their names") {
  for (
      const std::string_view sql : {
          R"(SELECT "id", "name" FROM "users" WHERE "id" = ? ORDER BY "name" DESC LIMIT ?)",
          R"(SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."name" LIKE ? ESCAPE ?)",
          R"(SELECT COUNT(*) AS "__count" FROM "users" WHERE "active" IN (?))",
          R"(SELECT DISTINCT "u"."name" AS "u_name" FROM "users" "u" LEFT OUTER JOIN "order items" "i" ON ("u"."id" = "i"."user_id") WHERE "Tag" IS NULL)",
          R"(SELECT "active", COUNT("id") AS "n" FROM "users" GROUP BY "active" HAVING COUNT("id") > ? ORDER BY "n")",
          R"(INSERT INTO "users"("name", "active") VALUES (?, ?) RETURNING "id", "name")",
          R"(INSERT INTO "users"("name") VALUES (?) ON CONFLICT ("name") DO UPDATE SET "active" = excluded."active" WHERE "active" <> ?)",
          R"(UPDATE "users" SET "name" = ?, "active" = ("active" + ?) WHERE "users"."id" = ? RETURNING "id")",
          R"(DELETE FROM "users" WHERE "id" IN (SELECT "user_id" FROM "order items" WHERE "Tag" = ?))",
          R"(SELECT "id", "title" FROM "seniors" WHERE "title" > ?)",
          R"(SELECT "nickname" FROM "side"."people" WHERE "nickname" = ?)",
          R"(SELECT "rowid", "body" FROM "docs" WHERE "docs" MATCH ? ORDER BY "rank")",
          R"(WITH "c"("k") AS (SELECT "id" FROM "users") SELECT "k" FROM "c" WHERE "k" > ?)",
          R"(SELECT "x"."m" FROM (SELECT MAX("id") AS "m" FROM "users") "x" WHERE "m" = ?)",
          R"(SELECT json_extract("data", ?), "data" ->> ? FROM "users")",
          R"(CREATE INDEX "users_active" ON "users"("active", lower("name")) WHERE "active" > ?)",
          R"(CREATE TABLE "t"("a" int CHECK ("a" > ?), "b" text, UNIQUE ("a", "b")))",
          R"(PRAGMA table_info("users"))",
          R"(ALTER TABLE "users" RENAME COLUMN "data" TO "extra")",
      }) {
    CAPTURE(sql);
    std::string with_values{sql};
    for (std::size_t at = 0; (at = with_values.find('?', at)) != std::string::npos;) {
      with_values.replace(at, 1, "'1'");
    }
    CHECK(shown_of(with_values) == sql);
  }
}

TEST_CASE("what SQLite takes for a string is hidden, whatever else the schema has") {
  CHECK(shown_of(R"(select "name", "zebra" from "users" where "name" = "lion")") ==
        R"(select "name", ? from "users" where "name" = ?)");
  CHECK(shown_of(R"(insert into "users" ("name") values ("name"))") ==
        R"(insert into "users"("name") values (?))");
  CHECK(shown_of(R"(select "id" from "order items" where "tag" = "nickname")") ==
        R"(select "id" from "order items" where "tag" = ?)");
  CHECK(shown_of(R"(select "nickname", "id")") == "select ?, ?");
  CHECK(shown_of(R"(attach "file:zebra?mode=memory" as "lion")") == R"(attach ? as "lion")");
}

TEST_CASE("a statement that does not compile shows no word that could have been a string") {
  quoted_database database;
  CHECK_THROWS_AS(database.db.exec(R"(select "name", "zebra" from "missing" where "id" = 1)"),
                  sqlite::error);
  CHECK(database.shown() == R"(select ?, ? from "missing" where ? = ?)");
}

TEST_CASE("where a connection has no strings in double quotes, every expression shows its names") {
  quoted_database database;
  database.switch_strings_off();
  database.db.exec(R"(select "value" from "users", json_each('{}') where "value" = 'zebra')");
  CHECK(database.shown() == R"(select "value" from "users", json_each(?) where "value" = ?)");
  CHECK_THROWS_AS(database.db.exec(R"(pragma key = "zebra"; select "zebra")"), sqlite::error);
}

TEST_CASE("one text is another statement after the connection's setting has changed") {
  quoted_database database;
  const std::string sql = R"(select 1 as "n" from json_each('[1]') where "key" = 0)";
  database.db.exec(sql);
  database.switch_strings_off();
  database.db.exec(sql);
  database.db.exec(sql);
  CHECK(database.shown() ==
        "select ? as \"n\" from json_each(?) where \"key\" = ?\n"
        "select ? as \"n\" from json_each(?) where ? = ?");
}

TEST_CASE("identifying a statement leaves no error on its connection") {
  quoted_database database;
  const auto prepared = database.db.prepare(R"(select "zebra", "title" from "seniors")");
  CHECK(sqlite3_errcode(database.db.native()) == SQLITE_OK);
  CHECK(std::string{sqlite3_errmsg(database.db.native())} == "not an error");
}

TEST_CASE("columns cannot be an option of a backend") {
  capture telemetry;
  struct : known_columns {
    bool has_column(const statement_identity&, std::string_view) const noexcept override {
      return true;
    }
  } const all;
  CHECK_THROWS_WITH(
      (backend{telemetry.recorder(),
               {.system = "sqlite", .dialect = dialect::sqlite, .quotes = {.columns = &all}}}),
      Catch::Contains("quotes"));
}
