// Statements that differ in values, spelling or layout alone have one fingerprint, all others have
// different ones, in every run.

#include "corpus.hpp"
#include "identify_twice.hpp"

#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace querytap::testing {
namespace {

std::uint64_t fingerprint(std::string_view sql, dialect dialect = dialect::postgresql) {
  return identify(sql, dialect).fingerprint;
}

}  // namespace

TEST_CASE("statements that differ in values, spelling or layout only have one fingerprint") {
  constexpr std::string_view pairs[][2] = {
      {"select a from t where b = 1", "SELECT A FROM T WHERE B = 'x'"},
      {"select a from t where b = 1", " select\ta\nfrom t--x\nwhere/**/b=$1 ; ; "},
      {"select a from t where b = ?", "select a from t where b = -1.5e3"},
      {"select a from t where b in (1)", "select a from t where b in (1, 2, 3, $4, 'e')"},
      {"insert into t values (1, 2)", "insert into t values (1, 2), (3, 4), (null, default)"},
      {"select a from t where b = true", "select a from t where b = 0"},
      {"select '' || $1", "select 'it''s' || 'b'"},
      {"savepoint a1", "savepoint a2"},
      {"insert into t values (1)", "insert into t values (default), (null)"},
      {"select a from t where b = null", "select a from t where b = 1"},
      {"select a from t where b in ($1::int)", "select a from t where b in (1::int, 2 :: int)"},
      {"select a from t where (b, c) in ((1, 2))", "select a from t where (b,c) in ((1,2), (3,4))"},
      {"select array[1]", "select array[1, 2, 3]"},
      {"select a b from t join u using (c)", "select a as b from t inner join u using (c)"},
      {"select a from t order by a", "select a from t order by a asc"},
      {"select a from t where b <> 1", "select a from t where b != 1"},
      {"select a from t where b = 1", "select \"a\" from \"t\" where \"b\" = 1"},
      {"select a from t limit 10", "select a from t limit 20 /*traceparent='00-1-2-01'*/"},
  };
  for (const auto& [left, right] : pairs) {
    CAPTURE(left, right);
    CHECK(fingerprint(left) == fingerprint(right));
  }
  CHECK(fingerprint("select :a", dialect::sqlite) == fingerprint("select ?1", dialect::sqlite));
}

TEST_CASE("statements that differ in anything else have different fingerprints") {
  constexpr std::string_view all[] = {
      "select a from t where b = 1",
      "select a from u where b = 1",
      "select a from s.t where b = 1",
      "select b from t where b = 1",
      "select a, b from t where b = 1",
      "select a from t where c = 1",
      "select a from t where b <> 1",
      "select a from t where b > 1",
      "select a from t where b is null",
      "select a from t where b is not null",
      "select a from t where b = 1 and c = 1",
      "select a from t where b = 1 or c = 1",
      "select a from t where c = 1 and b = 1",
      "select a from t where b = (1)",
      "select a from t join u using (b)",
      "select a from t left join u using (b)",
      "select a from t full join u using (b)",
      "select a from t, u",
      "select ab from t",
      "select \"A\" from t",
      "select user from t",
      "select \"user\" from t",
      "select a from t where b in (select 1)",
      "select a from t where b in (1, c, 2)",
      "select f() from t",
      "select f(1) from t",
      "select f(1, 2) from t",
      "insert into t values (1)",
      "insert into t values (1, 2)",
      "select a from t where b in (1, c)",
      "select a from t where b is true",
      "select a from t where b is false",
      "select a from t order by a",
      "select a from t order by a desc",
      "select a from t; select a from t",
      "select a - 1 from t",
      "select a + 1 from t",
      "select averylongname1 from t",
      "select averylongname2 from t",
      "select eightlet from t",
      "select eightletx from t",
  };
  std::map<std::uint64_t, std::string_view> seen;
  for (const std::string_view sql : all) {
    const auto [at, is_new] = seen.emplace(fingerprint(sql), sql);
    CAPTURE(sql, at->second);
    CHECK(is_new);
  }
}

TEST_CASE("the place of a column is no value: it stays, and tells statements apart") {
  const auto text = [](std::string_view sql, dialect dialect = dialect::postgresql) {
    return identify(sql, dialect).text;
  };
  for (const dialect each : {dialect::postgresql, dialect::mysql, dialect::sqlite}) {
    CHECK(text("select a, b from t group by 1, 2 order by 2 desc, 1", each) ==
          "select a, b from t group by 1, 2 order by 2 desc, 1");
  }
  CHECK(fingerprint("select a, b from t order by 1") !=
        fingerprint("select a, b from t order by 2"));
  CHECK(text("select a from t order by lower(a), 2 nulls last limit 5") ==
        "select a from t order by lower(a), 2 nulls last limit ?");
  CHECK(
      text("select a from (select b from t order by 1) s order by case when a = 5 then 1 end, 2") ==
      "select a from (select b from t order by 1) s order by case when a = ? then ? end, 2");
  CHECK(text("select a from t order by \"by (\", 2 union select 1 order by 1") ==
        "select a from t order by \"by (\", 2 union select ? order by 1");
  CHECK(text("select a, b from t group by rollup(1, 2), cube((1, 2), 3) order by 1") ==
        "select a, b from t group by rollup(1, 2), cube((1, 2), 3) order by 1");
  CHECK(text("select a, b from t group by grouping sets ((1), (1, 2), ())") ==
        "select a, b from t group by grouping sets((1), (1, 2), ())");
  CHECK(text("select a from t group by rollup(coalesce(a, 5), 1), f(1, 2), (3)") ==
        "select a from t group by rollup(coalesce(a, ?), 1), f(?, ?), (?)");
  CHECK(text("select a from t order by a, cube(1, 2) <-> b, (3, 4)") ==
        "select a from t order by a, cube(?, ?) <-> b, (?, ?)");
  // Values, in every other place.
  CHECK(text("select a from t order by 1 + b, f(2, 3), -4, 5 * c, 12345, 1.5") ==
        "select a from t order by ? + b, f(?, ?), ?, ? * c, ?, ?");
  CHECK(text("select a, 1, 2 from t where b in (3, a, 4) order by c limit 5, 6", dialect::mysql) ==
        "select a, ?, ? from t where b in (?, a, ?) order by c limit ?, ?");
  CHECK(text("select a from t group by b having f(1, 2) in (3, c, 4) order by $1, 'x'") ==
        "select a from t group by b having f(?, ?) in (?, c, ?) order by ?, ?");
  CHECK(text("insert into t select a from u order by 1; insert into t values (1, a, 2)") ==
        "insert into t select a from u order by 1; insert into t values (?, a, ?)");
  CHECK(text("select a from t order by 1 true") == "select a from t order by ? ?");
}

TEST_CASE("many statements have as many fingerprints, spread over every bit") {
  std::set<std::uint64_t> seen;
  std::array<int, 64> ones{};
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t hash = fingerprint("select c from t" + std::to_string(i));
    seen.insert(hash);
    for (std::size_t bit = 0; bit < 64; ++bit) ones[bit] += static_cast<int>(hash >> bit & 1);
  }
  CHECK(seen.size() == 200'000);
  for (const int count : ones) CHECK(std::abs(count - 100'000) < 1'500);
}

TEST_CASE("a fingerprint is the same in every run and on every machine") {
  CHECK(fingerprint("") == 0x25F53A8369371727u);
  CHECK(fingerprint("select 1") == 0x306E41BD98DB79B3u);
  CHECK(fingerprint("SELECT id, \"Body\" FROM documents WHERE id IN ($1, $2)") ==
        0x429B2B4B6F6AC3FAu);
  CHECK(fingerprint("insert into some_longer_name values (1, null)") == 0xA326D4E8ADB0B2C0u);
  CHECK(fingerprint("select a <-> '[1,2]', b::int from s.t order by 1 limit 5") ==
        0x9981BCA42409679Fu);
  CHECK(fingerprint("select [a], `b`, :c from t", dialect::sqlite) == 0x776AFA9BB4AC391Cu);
}

TEST_CASE("a text that was normalised stays as it is, and so does its fingerprint") {
  const dialect dialect = GENERATE(from_range(dialects));
  for (const known_statement& known : corpus(dialect)) {
    static_cast<void>(identify_twice(known.sql, dialect));
  }
}

}  // namespace querytap::testing
