// The tests of a condition are those that every row passes, each of one bare column.

#include <analysis/plans/condition.hpp>
#include <analysis/plans/table_references.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace querytap;
using namespace querytap::detail;

namespace {

std::string to_string(column_test::sort how) {
  switch (how) {
    case column_test::sort::equal: return "=";
    case column_test::sort::range: return "<";
    case column_test::sort::pattern: return "~";
    case column_test::sort::contains: break;
  }
  return "@";
}

std::string listed(const std::vector<column_test>& tests) {
  std::string text;
  for (const column_test& test : tests) {
    if (!text.empty()) text += ' ';
    if (!test.qualifier.empty()) text += std::string{test.qualifier} + '.';
    text += std::string{test.column} + to_string(test.how) + (test.is_join ? "join" : "");
  }
  return text;
}

std::string tests(std::string_view condition) {
  return listed(tests_of(sanitised_tokens(condition, dialect::postgresql)));
}

std::string tests_of_statement(std::string_view sql) {
  return listed(tests_in(sanitised_tokens(sql, dialect::sqlite)));
}

}  // namespace

TEST_CASE("comparisons with values are tests", "[condition]") {
  CHECK(tests("a = ?") == "a=");
  CHECK(tests("((a = ?) AND (b > ?))") == "a= b<");
  CHECK(tests("a between ? and ? and b = ?") == "a< b=");
  CHECK(tests("a in (?, ?) and b like ? and c @> ? and d is null") == "a= b~ c@ d=");
  CHECK(tests("? < a") == "a<");
  CHECK(tests("t.a = lower(?)") == "t.a=");
  CHECK(tests("a = (select max(b) from c)") == "a=");
  CHECK(tests("tags ? ?") == "tags@");
}

TEST_CASE("columns of two tables are a join, of one table nothing", "[condition]") {
  CHECK(tests("t.a = u.b") == "t.a=join u.b=join");
  CHECK(tests("t.a = t.b") == "");
}

TEST_CASE("a condition that not every row passes, or on more than a bare column, is not a test",
          "[condition]") {
  CHECK(tests("a = ? or b = ?") == "");
  CHECK(tests("(a = ? or b = ?) and c = ?") == "c=");
  CHECK(tests("not a = ?") == "");
  CHECK(tests("a + 1 = ?") == "");
  CHECK(tests("lower(a) = ?") == "");
  CHECK(tests("a <> ?") == "");
  CHECK(tests("a is not null") == "");
  CHECK(tests("a not in (?)") == "");
  CHECK(tests("a = all (?)") == "");
  CHECK(tests("") == "");
}

TEST_CASE("any text has an answer, at any depth", "[condition]") {
  CHECK(tests("((((") == "");
  CHECK(tests("))) and = ? and") == "");
  CHECK(tests(std::string(100'000, '(') + "a = ?") == "");
  std::string many = "a = ?";
  for (int i = 0; i < 10'000; ++i) many = '(' + many + ") and b = ?";
  CHECK_NOTHROW(tests(many));
}

TEST_CASE("a statement's tests are behind WHERE, ON and USING, in subqueries too", "[condition]") {
  CHECK(tests_of_statement("select x from t where a = ? order by b limit ?") == "a=");
  CHECK(tests_of_statement("select x from t join u on t.a = u.b and u.c = ? where t.d > ?") ==
        "t.a=join u.b=join u.c= t.d<");
  CHECK(tests_of_statement("select x from t join u using (a, b)") == "a=join b=join");
  CHECK(tests_of_statement("select x from t where a in (select b from u where c = ?)") == "a= c=");
  CHECK(tests_of_statement("update t set a = ? where b = ? returning c") == "b=");
}

TEST_CASE("tables are known with their aliases", "[condition]") {
  const auto tables = [](std::string_view sql) {
    std::string text;
    for (const table_alias& alias : tables_in(sanitised_tokens(sql, dialect::sqlite))) {
      text += std::string{alias.table} + ' ' + std::string{alias.name} + ';';
    }
    return text;
  };
  CHECK(tables("select 1 from a, b as c join main.d e on 1 left join f") == "a a;b c;d e;f f;");
  CHECK(tables("update a set b = ?") == "a a;");
  CHECK(tables("insert into a values (?)") == "a a;");
  CHECK(tables("delete from \"a b\" where c") == "\"a b\" \"a b\";");
  CHECK(tables("select 1 from (select 2 from a) b") == "a a;");
  CHECK(tables("select from") == "");
}
