// A server is asked to explain a single statement that has a plan, with parameters in place of
// literals.

#include <servers/common/explainable.hpp>
#include <servers/common/explained_text.hpp>
#include <unit/runtime/slow_call.hpp>

#include <querytap/servers/server_inspector.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using testing::slow_call;

namespace {

std::string explained(std::string_view sql) {
  const call_report call = slow_call("postgresql", sql);
  return detail::explained_text_of(detail::explainable(call), dialect::postgresql).written('$');
}

std::string explained_for_sqlite(std::string_view sql, std::optional<std::uint64_t> rows = {}) {
  const call_report call = slow_call("sqlite", sql);
  return detail::explained_text_of(detail::explainable(call), dialect::sqlite, rows).written('?');
}

}  // namespace

TEST_CASE("literals and parameters become parameters, in their order", "[explainable]") {
  CHECK(explained("select a from t where b = 5 and c = 'x'") ==
        "select a from t where b = $1 and c = $2");
  CHECK(explained("select a from t where b = $2 and c = 'x' and d = $1") ==
        "select a from t where b = $1 and c = $2 and d = $3");
  CHECK(explained("select 1") == "select $1");
  CHECK(detail::explained_text_of("", dialect::postgresql).written('$') == "");
}

TEST_CASE("a literal that names its type becomes a parameter of that type", "[explainable]") {
  CHECK(explained("select a from t where b > date '2026-01-01' - interval '1 day'") ==
        "select a from t where b > $1::date - $2::interval");
  CHECK(explained("select timestamp with time zone '2026-01-01', time without time zone '12:00'") ==
        "select $1::timestamp with time zone, $2::time without time zone");
}

TEST_CASE("the size of a type stays out, wherever the type stands", "[explainable]") {
  CHECK(explained("select timestamp(3) with time zone '2026-01-01', numeric(10,2) '1.5'") ==
        "select $1::timestamp with time zone, $2::numeric");
  CHECK(explained("select character varying(5) 'x', bit varying(3) '1', interval(3) '1 day'") ==
        "select $1::character varying, $2::bit varying, $3::interval");
  CHECK(explained("select interval '1' day to second(3), a::interval second(0) from t") ==
        "select $1::interval day to second, a::interval second from t");
  CHECK(explained("select x.a from json_to_recordset('[]') as x(a numeric(10,2), b char(3), c "
                  "character varying(9))") ==
        "select x.a from json_to_recordset($1) as x(a numeric, b char, c character varying)");
  CHECK(
      explained("select a from xmltable('/x' passing b columns a varchar(9) path 'c', d text path "
                "'e') where f = path '(0,0)'") ==
      "select a from xmltable($1 passing b columns a varchar path $2, d text path $3) where f = "
      "$4::path");
  CHECK(explained("select second(5), f(a, interval(5)) from t") ==
        "select second($1), f(a, interval($2)) from t");
  CHECK(explained_for_sqlite("select char(65), (select char(66)) from t") ==
        "select char(?1), (select char(?2)) from t");
}

TEST_CASE("an operator that looks like a parameter stays an operator", "[explainable]") {
  CHECK(explained("select a from t where tags ? 'x' and b = 1") ==
        "select a from t where tags ? $1 and b = $2");
  CHECK(explained("select a from t where tags ?| array['x'] or b like 'y'") ==
        "select a from t where tags ?| $1 or b like $2");
  CHECK(explained("select a from t where data @? '$.x'") == "select a from t where data @? $1");
}

TEST_CASE("what is grammar stays, and is no parameter", "[explainable]") {
  CHECK(explained("select a, count(*) from t group by 1 order by 2 desc, lower(a), 1") ==
        "select a, count(*) from t group by 1 order by 2 desc, lower(a), 1");
  CHECK(explained("select a::numeric(10,1), cast(b as varchar(20)), c::int[3] from t") ==
        "select a::numeric, cast(b as varchar), c::int[] from t");
  CHECK(explained("select a::timestamp(3) with time zone, b::double precision from t") ==
        "select a::timestamp with time zone, b::double precision from t");
  CHECK(explained_for_sqlite("select cast(a as decimal(10, 2)) as b from t where c = 5") ==
        "select cast(a as decimal) as b from t where c = ?1");
  CHECK(explained("select a as b from t as x where x.c = 1") ==
        "select a as b from t as x where x.c = $1");
}

TEST_CASE("a list of unknown length is one of several values", "[explainable]") {
  CHECK(explained("select a from t where b in (1, 2) and c = 3") ==
        "select a from t where b in ($1, $2, $3) and c = $4");
  CHECK(explained("select a from t where (b, c) in ((1, 2), (3, 4))") ==
        "select a from t where (b, c) in (($1, $4), ($2, $5), ($3, $6))");
  CHECK(explained("select a from t where b = any(array[1, 2, 3])") ==
        "select a from t where b = any ($1)");
  CHECK(explained("select a from t where b in (select c from u) and d in (1, e)") ==
        "select a from t where b in (select c from u) and d in ($1, e)");
  CHECK(explained("select v.b from (values (1, 'x')) as v(a, b)") ==
        "select v.b from (values ($1, $3), ($2, $4)) as v(a, b)");
  CHECK(explained("insert into t values (1, 'x'), (2, 'y')") == "insert into t values ($1, $2)");
}

TEST_CASE("an expression of GROUP BY and ORDER BY is the same wherever it stands",
          "[explainable]") {
  CHECK(explained("select date_trunc('day', at), 'x' from t group by date_trunc('day', at)") ==
        "select date_trunc($1, at), $2 from t group by date_trunc($1, at)");
  CHECK(explained("select a from t where b = 1 group by a order by coalesce(a, 5) desc, b = 1") ==
        "select a from t where b = $1 group by a order by coalesce(a, $2) desc, b = $1");
  CHECK(explained_for_sqlite("select strftime('%Y', at) from t group by strftime('%Y', at)") ==
        "select strftime(?1, at) from t group by strftime(?1, at)");
}

TEST_CASE("a limit is the number of rows that came, or that of a page", "[explainable]") {
  CHECK(explained_for_sqlite("select a from t order by b limit 50", 7) ==
        "select a from t order by b limit 7");
  CHECK(explained_for_sqlite("select a from t order by b limit 50") ==
        "select a from t order by b limit 10");
  CHECK(explained_for_sqlite("select a from t limit 20, 50", 30) == "select a from t limit 0, 30");
  CHECK(explained("select a from t limit 50 offset 100") == "select a from t limit 10 offset 0");
  CHECK(explained("select a from t fetch first 5 rows only") ==
        "select a from t fetch first 10 rows only");
  CHECK(explained("select a from t fetch first (2 + 1) rows only") ==
        "select a from t fetch first 10 rows only");
  CHECK(explained("select a from t limit 20 offset (3 - 1) * 20 for update") ==
        "select a from t limit 10 offset 0 for update");
  CHECK(explained_for_sqlite("select a from t limit (2 - 1) * 20, 10 + 5", 7) ==
        "select a from t limit 0, 7");
  CHECK(explained("select a from t limit 5::bigint") == "select a from t limit 10");
  CHECK(explained("select a from (select b from t limit -1) s limit all") ==
        "select a from (select b from t limit 10) s limit all");
  CHECK(explained("select a from t limit least(5, 7) offset (select 1)") ==
        "select a from t limit least($1, $2) offset (select $3)");
  CHECK(explained_for_sqlite("select a from (select b from t limit 5) limit 3", 2) ==
        "select a from (select b from t limit 10) limit 2");
}

TEST_CASE("a condition of values alone is assumed to hold", "[explainable]") {
  CHECK(explained("select a from t where 1 <> 1") == "select a from t where true");
  CHECK(explained("select a from t where (1=1) and (0 != 0) and b = 2") ==
        "select a from t where (true) and (true) and b = $1");
  CHECK(explained("select a from t where f(1 = 1) and (1 = 1 or b = 2)") ==
        "select a from t where f($1 = $2) and ($3 = $4 or b = $5)");
  const auto assumes = [](std::string_view sql) {
    return detail::explained_text_of(detail::explainable(slow_call("postgresql", sql)),
                                     dialect::postgresql)
        .assumes_conditions;
  };
  CHECK(assumes("select a from t where 1 = 0"));
  CHECK(assumes("select a from t join u on true"));
  CHECK_FALSE(assumes("select a from t where b = 1"));
  CHECK(explained("select a from t where 1 = 1 and b = 2") ==
        "select a from t where true and b = $1");
  CHECK(explained("select a from t where true") == "select a from t where true");
  CHECK(explained_for_sqlite("select a from t where b = 2 and 1=1 order by a") ==
        "select a from t where b = ?1 and 1 order by a");
  CHECK(explained("select a from t where b between 1 and 2 and c = 3") ==
        "select a from t where b between $1 and $2 and c = $3");
  CHECK(explained("select a from t where $1 = '' or b = $1") ==
        "select a from t where $1 = $2 or b = $3");
}

TEST_CASE("a statement without its conflict clauses has the parameters that are left",
          "[explainable]") {
  const auto without = [](std::string_view sql) {
    detail::explained_text text = detail::explained_text_of(sql, dialect::postgresql);
    return text.remove_conflict_clauses() ? text.written('$') : "none";
  };
  CHECK(without("insert into t(a) values (?) on conflict (a) where b <> ? do update set c = (?) "
                "returning a, ?") == "insert into t(a) values ($1) returning a, $2");
  CHECK(without("with x as (insert into t values (?) on conflict (a) where b = ? do nothing), y as "
                "(insert into t values (?) on conflict do nothing returning a) select ?") ==
        "with x as (insert into t values ($1)), y as (insert into t values ($2) returning a) "
        "select $3");
  CHECK(without("insert into t values (?) on conflict (a) do nothing on conflict (b) do nothing") ==
        "insert into t values ($1)");
  CHECK(without("select a from t where conflict = ?") == "none");
}

TEST_CASE("only statements that read or change rows are explained", "[explainable]") {
  for (const char* sql : {"create table t(a int)", "drop table t", "vacuum", "explain select 1",
                          "call p()", "do 'x'", "truncate t", "copy t to stdout", ""}) {
    CHECK_THROWS_AS(explained(sql), plan_error);
  }
  for (const char* sql :
       {"SELECT 1", "insert into t values (1)", "update t set a = 1", "delete from t",
        "with x as (select 1) select * from x", "(select 1) union (select 2)", "values (1)",
        "table t", "merge into t using u on t.a = u.a when matched then delete"}) {
    CHECK_NOTHROW(explained(sql));
  }
}

TEST_CASE("a text that was cut is not explained", "[explainable]") {
  CHECK_THROWS_WITH(explained("select a from t where " + std::string(5000, 'b') + " = 1"),
                    Catch::Contains("was cut"));
}
