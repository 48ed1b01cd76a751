// The identity of a statement is its text without values, its operations and targets, and its kind.

#include "corpus.hpp"

#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace querytap::testing {
namespace {

std::string cut_summary(std::size_t tables) {
  std::string sql = "select * from table_0";
  for (std::size_t i = 1; i < tables; ++i) sql += ", table_" + std::to_string(i);
  return identify(sql, dialect::postgresql).summary;
}

}  // namespace

TEST_CASE("every statement has the text, the summary and the kind that it should") {
  const dialect dialect = GENERATE(from_range(dialects));
  for (const known_statement& known : corpus(dialect)) {
    CAPTURE(known.sql);
    const statement_identity identity = identify(known.sql, dialect);
    CHECK(identity.text == known.text);
    CHECK(identity.summary == known.summary);
    CHECK(identity.kind == known.kind);
  }
}

TEST_CASE("letters beyond ASCII belong to names and numbers, across any sixteen bytes") {
  const statement_identity identity = identify(
      "select d.größe, 12é, 7名 from straßen d where d.größe_der_straße = 5 and 名称 > 17 limit 9ü",
      dialect::postgresql);
  CHECK(identity.text ==
        "select d.größe, ?, ? from straßen d where d.größe_der_straße = ? and 名称 > ? limit ?");
  CHECK(identity.summary == "select straßen");
}

TEST_CASE("a summary ends between two targets before it is longer than 255 bytes") {
  CHECK(cut_summary(3) == "select table_0 table_1 table_2");
  const std::string summary = cut_summary(100);
  CHECK(summary.size() <= 255);
  CHECK(summary.size() > 240);
  CHECK(summary.ends_with(" table_27"));
  CHECK(identify("select * from " + std::string(300, 'x'), dialect::sqlite).summary == "select");
  CHECK(identify("select * from a." + std::string(300, 'x'), dialect::sqlite).summary == "select");
}

TEST_CASE(
    "a long text is cut between two tokens and says so, and its fingerprint covers all of it") {
  std::string sql = "select a";
  while (sql.size() < 10'000) sql += ", some_column";
  const statement_identity first = identify(sql + " from one", dialect::postgresql);
  const statement_identity second = identify(sql + " from two", dialect::postgresql);
  CHECK(first.text.size() <= 4096);
  CHECK(first.text.size() > 4000);
  CHECK(first.text.ends_with(" some_column, …"));
  CHECK(first.text == second.text);
  CHECK(first.fingerprint != second.fingerprint);
}

TEST_CASE("rows that are folded into one do not use up the text") {
  std::string sql = "insert into t values (1, 'a')";
  for (int i = 0; i < 10'000; ++i) sql += ", (2, 'b')";
  CHECK(identify(sql + " returning id", dialect::postgresql).text ==
        "insert into t values (?, ?) returning id");
}

TEST_CASE("each table of a statement is named once, and nothing else") {
  const auto tables = [](std::string_view sql, dialect dialect = dialect::postgresql) {
    std::string joined;
    for (const std::string& name : identify(sql, dialect).tables) joined += name + ' ';
    return joined;
  };
  CHECK(tables("select * from a, s.b x join \"c d\" using (id) where e in (select f from a)") ==
        "a s.b \"c d\" ");
  CHECK(tables("with x as (select * from a), y(z) as (select 1) select * from x, y, b") == "a b ");
  CHECK(tables("select * from generate_series(1, 5) g, a") == "a ");
  CHECK(tables("insert into a select * from b") == "a b ");
  CHECK(tables("create index i on only a (b)") == "a ");
  CHECK(tables("create unique index on a (b)") == "a ");
  CHECK(tables("create trigger tr after update of b on a execute function f()") == "a ");
  CHECK(tables("create view v as select * from a") == "v a ");
  CHECK(tables("drop table a, b.c") == "a b.c ");
  CHECK(tables("drop index i") == "");
  CHECK(tables("set search_path = a; call p(1); execute q") == "");
  CHECK(tables("vacuum (full) a") == "a ");
  CHECK(tables("update a, b set a.c = b.c", dialect::mysql) == "a b ");
  CHECK(tables(R"({"aggregate": "a", "pipeline": [{"$unionWith": "b"}]})", dialect::mongodb) ==
        "a b ");

  std::string many = "select * from t0";
  for (int i = 1; i < 100; ++i) many += ", t" + std::to_string(i);
  CHECK(identify(many, dialect::sqlite).tables.size() == 100);
}

}  // namespace querytap::testing
