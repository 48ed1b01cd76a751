// A server is asked to explain a single statement that has a plan, with parameters in place of
// literals.

#include <servers/common/explainable.hpp>
#include <unit/runtime/slow_call.hpp>

#include <querytap/servers/server_inspector.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using detail::with_parameters;
using testing::slow_call;

namespace {

std::string explained(std::string_view sql) {
  const call_report call = slow_call("postgresql", sql);
  return with_parameters(detail::explainable(call));
}

}  // namespace

TEST_CASE("literals and parameters become parameters, in their order", "[explainable]") {
  CHECK(explained("select a from t where b = 5 and c = 'x'") ==
        "select a from t where b = $1 and c = $2");
  CHECK(explained("select a from t where b = $2 and c = 'x' and d = $1") ==
        "select a from t where b = $1 and c = $2 and d = $3");
  CHECK(explained("select 1") == "select $1");
  CHECK(with_parameters("") == "");
}

TEST_CASE("a literal that names its type becomes a parameter of that type", "[explainable]") {
  CHECK(explained("select a from t where b > date '2026-01-01' - interval '1 day'") ==
        "select a from t where b > $1::date - $2::interval");
  CHECK(explained("select timestamp with time zone '2026-01-01', time without time zone '12:00'") ==
        "select $1::timestamp with time zone, $2::time without time zone");
}

TEST_CASE("an operator that looks like a parameter stays an operator", "[explainable]") {
  CHECK(explained("select a from t where tags ? 'x' and b = 1") ==
        "select a from t where tags ? $1 and b = $2");
  CHECK(explained("select a from t where tags ?| array['x'] or b like 'y'") ==
        "select a from t where tags ?| array[$1] or b like $2");
}

TEST_CASE("only statements that read or change rows are explained", "[explainable]") {
  for (const char* sql : {"create table t(a int)", "drop table t", "vacuum", "explain select 1",
                          "call p()", "do 'x'", "truncate t", "copy t to stdout", ""}) {
    CHECK_THROWS_AS(explained(sql), plan_error);
  }
  for (const char* sql : {"SELECT 1", "insert into t values (1)", "update t set a = 1",
                          "delete from t", "with x as (select 1) select * from x"}) {
    CHECK_NOTHROW(explained(sql));
  }
}

TEST_CASE("a text that was cut is not explained", "[explainable]") {
  CHECK_THROWS_WITH(explained("select a from t where " + std::string(5000, 'b') + " = 1"),
                    Catch::Contains("was cut"));
}
