// What a server takes for a name is a name, however odd it looks, and repeated rows are one row,
// whatever stands in them.

#include "identify_twice.hpp"

#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace querytap::testing {
namespace {

struct name_case {
  std::string_view sql;
  std::string_view text;
  std::string_view summary;
};

void check_names(dialect language, std::initializer_list<name_case> cases) {
  for (const name_case& known : cases) {
    CAPTURE(known.sql);
    const statement_identity found = identify_twice(known.sql, language);
    CHECK(found.text == known.text);
    CHECK(found.summary == known.summary);
  }
}

}  // namespace

TEST_CASE("names of MySQL that begin with digits are names, numbers are values") {
  check_names(
      dialect::mysql,
      {{"select * from 2024_orders", "select * from 2024_orders", "select 2024_orders"},
       {"select o.2024_total from 2024_orders o join shop.2024_users u on o.1_id = u.2_id",
        "select o.2024_total from 2024_orders o join shop.2024_users u on o.1_id = u.2_id",
        "select 2024_orders shop.2024_users"},
       {"insert into 2024_orders (1st, 2nd) values (1, 2), (3, 4)",
        "insert into 2024_orders(1st, 2nd) values (?, ?)", "insert 2024_orders"},
       {"update 2024_orders set 1st = 2, 2nd = 1st + 3 where 3rd in (1, 2, 4th)",
        "update 2024_orders set 1st = ?, 2nd = 1st + ? where 3rd in (?, 4th)",
        "update 2024_orders"},
       {"delete from shop.2024 where t.2024 = 5", "delete from shop.2024 where t.2024 = ?",
        "delete shop.2024"},
       {"drop table if exists 2024_orders, 5ec2", "drop table if exists 2024_orders, 5ec2",
        "drop table 2024_orders 5ec2"},
       {"select 1e5, 1e+5, 1.e5, .5e5, 1ex, 0x1F, 0xg1, 0b101, 00x1, 1$ from t",
        "select ?, ?, ?, ?, 1ex, ?, 0xg1, ?, 00x1, 1$ from t", "select t"},
       {"select -1st, - 1, 5-1st from t", "select - 1st, ?, ? - 1st from t", "select t"},
       {"select t.1, t.1e5, `t`.2, 1.5 from t", "select t.1, t.1e5, `t`.2, ? from t", "select t"},
       {"select a from t where id = 550e8400 or id = 5EC2E7",
        "select a from t where id = ? or id = ?", "select t"}});
  const auto bare = identify("select * from 2024_orders", dialect::mysql);
  const auto quoted = identify("select * from `2024_orders`", dialect::mysql);
  CHECK(bare.fingerprint == quoted.fingerprint);
  CHECK(bare.fingerprint != identify("select * from 2024_users", dialect::mysql).fingerprint);
  CHECK(bare.tables == std::vector<std::string>{"2024_orders"});
  CHECK(identify("select 2024_secret", dialect::postgresql).text == "select ?");
}

TEST_CASE("strings of SQLite are names where only a table can stand, and values elsewhere") {
  check_names(dialect::sqlite,
              {{"delete from 'a' where b = 'c'", "delete from 'a' where b = ?", "delete 'a'"},
               {"update or ignore 'a' set b = 'c' from 'd'",
                "update or ignore 'a' set b = ? from 'd'", "update 'a' 'd'"},
               {"insert into 'a' values ('b'), ('c')", "insert into 'a' values (?)", "insert 'a'"},
               {"replace into main.'a' select 'b' from 'it''s'",
                "replace into main.'a' select ? from 'it''s'", "replace main.'a' select 'it''s'"},
               {"select 'a', 'b'.'c' from 'd', 'e' as 'f' left join 'g' on h = 'i' order by 'j'",
                "select ?, 'b'.'c' from 'd', 'e' as ? left join 'g' on h = ? order by ?",
                "select 'd' 'e' 'g'"},
               {"select * from ('a' join 'b' on c = 'd'), json_each('e')",
                "select * from ('a' join 'b' on c = ?), json_each(?)", "select 'a' 'b' json_each"},
               {"select * from t where a is distinct from 'b' and c in ('d', 'e')",
                "select * from t where a is distinct from ? and c in (?)", "select t"},
               {"create table if not exists 'a' (b text default 'c')",
                "create table if not exists 'a'(b text default ?)", "create table 'a'"},
               {"create index 'i' on 'a' (b) where c = 'd'",
                "create index 'i' on 'a'(b) where c = ?", "create index 'i'"},
               {"drop table 'a'", "drop table 'a'", "drop table 'a'"},
               {"with 'a' as (select 'b') select * from 'a'",
                "with 'a' as (select ?) select * from 'a'", "select select 'a'"},
               {"vacuum into 'secret'", "vacuum into ?", "vacuum"},
               {"attach 'secret' as x", "attach ? as x", "attach"},
               {"select * from 'never closed", "select * from ?", "select"}});
  CHECK(identify("delete from 'a'", dialect::sqlite).fingerprint ==
        identify("delete from \"a\"", dialect::sqlite).fingerprint);
  CHECK(identify("delete from 'a'", dialect::sqlite).fingerprint !=
        identify("delete from 'b'", dialect::sqlite).fingerprint);
  CHECK(identify("delete from 'a'", dialect::postgresql).text == "delete from ?");
}

TEST_CASE("VALUE of MySQL begins rows behind the target of an insert, and is a name elsewhere") {
  check_names(
      dialect::mysql,
      {{"insert into t value (1, 'a'), (2, 'b')", "insert into t value (?, ?)", "insert t"},
       {"replace t(a) value (1), (2) returning a", "replace t(a) value (?) returning a",
        "replace t"},
       {"insert into s.t (a) value (1), (2) on duplicate key update a = value(a) + 1",
        "insert into s.t(a) value (?) on duplicate key update a = value(a) + ?", "insert s.t"},
       {"insert into value (value) value (1), (2)", "insert into value(value) value (?)",
        "insert value"},
       {"select value, value(a) from t value where value > 5",
        "select value, value(a) from t value where value > ?", "select t"},
       {"create table t (value int, key value (value))",
        "create table t(value int, key value(value))", "create table t"}});
  const auto fingerprint_of = [](std::string_view sql) {
    return identify(sql, dialect::mysql).fingerprint;
  };
  CHECK(fingerprint_of("insert into t value (1)") ==
        fingerprint_of("insert into t values (2),(3)"));
  CHECK(fingerprint_of("insert into t (a) value (1)") ==
        fingerprint_of("insert into t(a) values (2),(3)"));
  CHECK(identify("select value from t", dialect::postgresql).fingerprint ==
        identify("select \"value\" from t", dialect::postgresql).fingerprint);
}

TEST_CASE("rows and items that repeat a subquery have the summary of one") {
  constexpr std::string_view pairs[][2] = {
      {"insert into t values (1,(select a from u))",
       "insert into t values (1,(select a from u)),(2,(select a from u)),(3,(select a from u))"},
      {"insert into t values ((select 1 from a),(select 2 from b.c)) returning d",
       "insert into t values ((select 1 from a),(select 2 from b.c)),((select 3 from a),(select 4 "
       "from b.c)) returning d"},
      {"with x as (values (1,(select a from b))) select * from x, y",
       "with x as (values (1,(select a from b)),(2,(select a from b))) select * from x, y"},
      {"select array[(select 1 from a)], b from c.d",
       "select array[(select 1 from a),(select 2 from a)], b from c.d"},
      {"select * from t where a in ((select 1 from u)) and exists (select 2 from v)",
       "select * from t where a in ((select 1 from u),(select 2 from u)) and exists (select 2 from "
       "v)"},
  };
  for (const auto& [one, many] : pairs) {
    CAPTURE(many);
    const statement_identity left = identify(one, dialect::postgresql);
    const statement_identity right = identify(many, dialect::postgresql);
    CHECK(right.fingerprint == left.fingerprint);
    CHECK(right.text == left.text);
    CHECK(right.summary == left.summary);
    CHECK(right.tables == left.tables);
  }
  CHECK(
      identify("insert into t values ((select a from u)),((select a from v))", dialect::postgresql)
          .summary == "insert t select u select v");
}

TEST_CASE("a byte-order mark before a statement is no part of it") {
  const std::string mark = "\xEF\xBB\xBF";
  for (const dialect language : {dialect::postgresql, dialect::sqlite, dialect::mysql}) {
    const statement_identity plain = identify("select a from t", language);
    CHECK(identify(mark + "select a from t", language).fingerprint == plain.fingerprint);
    CHECK(identify(mark + mark + " select a from t", language).summary == "select t");
    CHECK(identify("select b; " + mark + "select a from t", language).text ==
          "select b; select a from t");
    CHECK(identify(mark, language).text.empty());
  }
  CHECK(identify(mark + "GET a", dialect::redis).summary == "GET");
  CHECK(identify(mark + R"({"find": "c"})", dialect::mongodb).text == R"({"find": "c"})");
}

TEST_CASE("operators and parameters that look like two tokens are one") {
  check_names(
      dialect::postgresql,
      {{"select a @? '$.b' from t where c @?$1", "select a @? ? from t where c @? ?", "select t"},
       {"select a @ b, @ c from t", "select a @ b, @ c from t", "select t"}});
  check_names(dialect::sqlite, {{"select $a::b(c), $::d, :e, @f::g, #h from t",
                                 "select ?, ?, ?, ?, ? from t", "select t"},
                                {"select * from t where a = :b and c in (:d, $e(f))",
                                 "select * from t where a = ? and c in (?)", "select t"}});
}

}  // namespace querytap::testing
