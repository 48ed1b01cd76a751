// What a quote begins, and where that ends, depends on settings of the server: no value is shown
// under any of them, and names are shown where it is known that they are names.

#include "corpus.hpp"

#include <querytap/query/identify.hpp>
#include <querytap/query/known_columns.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::testing {
namespace {

std::string text_under(std::string_view sql, dialect dialect, const quoting& quotes = {}) {
  return identify(sql, dialect, quotes).text;
}

struct quoted_case {
  std::string_view sql;
  std::string_view text;
};

template <std::size_t Count>
void check_texts(const quoted_case (&cases)[Count], dialect dialect, const quoting& quotes = {}) {
  for (const auto& [sql, text] : cases) {
    CAPTURE(sql);
    CHECK(text_under(sql, dialect, quotes) == text);
    CHECK(text_under(text, dialect, quotes) == text);
  }
}

/// Columns of every table.
class listed_columns final : public known_columns {
 public:
  explicit listed_columns(std::vector<std::string_view> names) : names_{std::move(names)} {}
  bool has_column(const statement_identity&, std::string_view name) const noexcept override {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }

 private:
  std::vector<std::string_view> names_;
};

std::string filled(std::string_view form, const std::vector<std::string>& literals,
                   std::size_t first) {
  std::string sql;
  for (const char c : form) {
    if (c == '%') {
      sql += literals[first++ % literals.size()];
    } else {
      sql += c;
    }
  }
  return sql;
}

/// Each statement with each literal, under the settings that the literals are written for, and
/// without a known setting.
void check_forms(const std::vector<std::string_view>& forms,
                 const std::vector<std::string>& literals, dialect dialect, const quoting& quotes) {
  for (const std::string_view form : forms) {
    const std::string expected = text_under(filled(form, {"'x'"}, 0), dialect, quotes);
    for (std::size_t first = 0; first < literals.size(); ++first) {
      const std::string sql = filled(form, literals, first);
      CAPTURE(sql);
      CHECK(text_under(sql, dialect, quotes) == expected);
      const statement_identity unknown = identify(sql, dialect);
      CHECK((unknown.text + unknown.summary).find("zebra") == std::string::npos);
      CHECK(text_under(unknown.text, dialect) == unknown.text);
    }
  }
}

const std::vector<std::string_view> forms_of_statements{
    "select %, a from t where b = % and c <> %",
    "select a from t where b in (%, %, %) or c in (1, %)",
    "insert into t (a, b) values (%, 1), (%, 2), (3, %)",
    "insert into t select %, a from u where b like %",
    "update t set a = %, b = concat(%, a) where c = % or d = %",
    "delete from t where a = % /* it's */ and b = % -- it's \\\n and c = %",
    "with x as (select % as y) select y from x where y = % union select %",
    "select case when a = % then % else % end from t group by a having max(b) > %",
    "select a from (select b, % as c from t where d = %) s where c <> %",
    "create table t (a varchar(10) default %, b int, c varchar(10) default %)",
    "select coalesce(a, %, lower(%)), (select % from u limit 1) from t order by b",
    "select cast(% as char(10)), % , a from t where not (b = % or b = %)",
    "set names %",
    "select a from t where b between % and % and c is not null",
    "explain select a from t where b = % and c = %",
};

}  // namespace

TEST_CASE("a word in double quotes is a value wherever SQLite may take it for one") {
  constexpr quoted_case cases[] = {
      {R"(select a from t where b match "zebra crossing")", "select a from t where b match ?"},
      {R"(select a from t where a is "zebra")", "select a from t where a is ?"},
      {R"(select a from t where a between "x" and "lion")",
       "select a from t where a between ? and ?"},
      {R"(select case a when "zebra" then "x" else "lion" end from t)",
       "select case a when ? then ? else ? end from t"},
      {R"(select lower("zebra"), date("now"))", "select lower(?), date(?)"},
      {R"(select a from t where a = ("zebra"))", "select a from t where a = (?)"},
      {R"(select a from t where (a,b) = ("zebra","lion"))",
       "select a from t where (a, b) = (?, ?)"},
      {R"(select a from t where "zebra" = a)", "select a from t where ? = a"},
      {R"(select "zebra" || a from t)", "select ? || a from t"},
      {R"(attach "zebra.db" as x key "lion")", "attach ? as x key ?"},
      {R"(attach database "zebra.db" as "x")", R"(attach database ? as "x")"},
      {"attach zebra as x key lion", "attach ? as x key ?"},
      {"attach [zebra.db] as [x] key `lion`", "attach ? as [x] key ?"},
      {"pragma key = zebra", "pragma key = ?"},
      {"pragma key = on", "pragma key = ?"},
      {R"(pragma key("zebra"))", "pragma key (?)"},
      {"pragma rekey = [zebra]", "pragma rekey = ?"},
      {"pragma cipher_salt = zebra lion", "pragma cipher_salt = ? ?"},
      {R"(vacuum into "zebra.db")", "vacuum into ?"},
      {R"(select a from t limit "zebra" offset "lion")", "select a from t limit ? offset ?"},
      {R"(insert into t values ("zebra", lower("lion")))", "insert into t values (?, lower(?))"},
      {R"(select raise(abort, "zebra"))", "select raise(abort, ?)"},
      {R"(create table t (a text default "zebra", b default zebra, c default [lion], d))",
       "create table t(a text default ?, b default ?, c default ?, d)"},
      {R"(create virtual table v using csv("zebra.csv", header = "lion"))",
       "create virtual table v using csv(?, header = ?)"},
      {"create virtual table v using csv(a b, filename = zebra.csv, header=lion x, c, d = 'e')",
       "create virtual table v using csv(a b, filename = ?.?, header = ? ?, c, d = ?)"},
      {R"(create index i on t ("zebra"))", "create index i on t(?)"},
      {R"(select "a" from t where "b" = ? order by "c")", "select ? from t where ? = ? order by ?"},
      {R"(select with, "zebra" from t)", "select with, ? from t"},
      {R"(select key ("zebra"), over("lion") from t)", "select key (?), over (?) from t"},
      {R"(select 'x"y', "zebra ""quoted"" lion" /* " */ from t -- ")", "select ?, ? from t"},
      {R"(select "zebra)", "select ?"},
      {R"(zebra "lion")", "zebra ?"},
  };
  check_texts(cases, dialect::sqlite);
}

TEST_CASE("a word in double quotes is a name where SQLite can take it for nothing else") {
  for (
      const std::string_view sql :
      {R"(select "a"."b" as "c", count(*) "d", "f"(?) from "s"."t" as "u" join "v" using ("b"))",
       R"(select a from "t", "u" left join ("v" join "w" on ?) where b in "x" and c in (select ?))",
       R"(with "x"("a", "b") as (select ?), "y" as materialized (select ?) select * from "x", "y")",
       R"(insert into "t"("a", "b") values (?, ?) on conflict ("a") do update set "b" = ?)",
       R"(insert into "t" as "u"("a") select ?)",
       R"(replace into "t"("a") values (?))",
       R"(update or ignore "t" set "a" = ?, ("b", "c") = (?, ?) from "u" where "t"."d" = ?)",
       R"(delete from "t" indexed by "i" where a = ? returning a as "b")",
       R"(create table if not exists "t"("a" "text" collate "nocase" constraint "c" not null,)"
       R"( "b" int references "u"("id") on delete set null, primary key ("a"), unique ("a", "b"),)"
       R"( foreign key ("b") references "u"("id") on update cascade))",
       R"(create table "t" as select ?)",
       R"(create temp view "v"("a", "b") as select ?)",
       R"(create unique index if not exists "i" on "t"(a) where b > ?)",
       R"(create trigger "tr" after update of "a", "b" on "t" begin update "u" set "c" = ?; end)",
       R"(alter table "t" rename column "a" to "b")",
       R"(alter table "t" rename to "u")",
       R"(alter table "t" add column "c" "text" default ?)",
       R"(drop table if exists "s"."t")",
       R"(select sum(a) over "w" from t window "w" as (order by b), "w2" as ("w"))",
       R"(pragma table_info("t"))",
       R"(pragma "s".journal_mode = WAL)",
       R"(analyze "t")",
       R"(reindex "i")",
       R"(detach "x")",
       R"(select cast(a as "text") from t)"}) {
    CAPTURE(sql);
    CHECK(text_under(sql, dialect::sqlite) == sql);
  }
}

TEST_CASE("quotes make no difference to the text of a SQLite statement") {
  int changed = 0;
  for (const known_statement& known : corpus(dialect::sqlite)) {
    std::string sql{known.sql};
    if (sql.find_first_of("\"'") == sql.npos || sql.find('"') != sql.npos) continue;
    for (char& c : sql) c = c == '\'' && !sql.starts_with("select x'") ? '"' : c;
    CAPTURE(sql);
    const bool is_name = known.sql.find("join '") != known.sql.npos;
    CHECK((text_under(sql, dialect::sqlite) == known.text || is_name));
    ++changed;
  }
  CHECK(changed > 5);
}

TEST_CASE("where strings in double quotes are switched off, they are names in every expression") {
  constexpr quoted_case cases[] = {
      {R"(select "a", lower("b") from "t" where "c" = "d" and "e" in (?) order by "f")",
       R"(select "a", lower("b") from "t" where "c" = "d" and "e" in (?) order by "f")"},
      {R"(attach "zebra.db" as "x" key "lion")", R"(attach ? as "x" key ?)"},
      {R"(pragma key = "zebra")", "pragma key = ?"},
      {R"(create table "t" ("a" default "zebra"))", R"(create table "t"("a" default ?))"},
      {R"(insert into "t" values ("zebra"))", R"(insert into "t" values (?))"},
  };
  check_texts(cases, dialect::sqlite, {.double_quoted_names = true});
}

TEST_CASE("columns that are known, and names that the statement gives, are names") {
  const listed_columns columns{{"id", "name", "Legs"}};
  constexpr quoted_case cases[] = {
      {R"(SELECT "id", "name", "zebra" FROM "users" WHERE "id" = ? AND "name" = "lion")",
       R"(SELECT "id", "name", ? FROM "users" WHERE "id" = ? AND "name" = ?)"},
      {R"(select "n", "m" from (select count(*) as "n" from t) order by "n")",
       R"(select "n", ? from (select count(*) as "n" from t) order by "n")"},
      {R"(insert into "t" ("name") values ("name") returning "id")",
       R"(insert into "t"("name") values (?) returning "id")"},
      {R"(create table "t" ("a" int, check ("a" > "b")))",
       R"(create table "t"("a" int, check ("a" > ?)))"},
      {R"(select "Legs" from t limit "id")", R"(select "Legs" from t limit ?)"},
      {R"(select "" from t where "id" = "i""d")", R"(select ? from t where "id" = ?)"},
      {R"(pragma key = "name")", "pragma key = ?"},
  };
  for (const auto& [sql, text] : cases) {
    CAPTURE(sql);
    CHECK(text_under(sql, dialect::sqlite, {.columns = &columns}) == text);
    CHECK(text_under(text, dialect::sqlite, {.columns = &columns}) == text);
  }
  CHECK(identify(R"(select "id" from "t")", dialect::sqlite, {.columns = &columns}).fingerprint ==
        identify("select id from t", dialect::sqlite).fingerprint);
}

TEST_CASE("a pragma shows the words that SQLite knows, and tables and indexes") {
  constexpr quoted_case cases[] = {
      {"pragma journal_mode = wal", "pragma journal_mode = wal"},
      {"pragma main.synchronous=FULL", "pragma main.synchronous = FULL"},
      {"pragma wal_checkpoint(truncate)", "pragma wal_checkpoint(truncate)"},
      {"pragma foreign_keys = on", "pragma foreign_keys = on"},
      {"pragma table_info(users)", "pragma table_info(users)"},
      {"pragma temp_store_directory = zebra", "pragma temp_store_directory = ?"},
      {"pragma temp_store_directory = 'zebra'", "pragma temp_store_directory = ?"},
      {"pragma \"key\" = zebra", "pragma \"key\" = ?"},
      {"pragma key = 5 zebra.lion", "pragma key = ? ?.?"},
  };
  check_texts(cases, dialect::sqlite);
}

TEST_CASE("what follows DEFAULT in a table of SQLite is a value, unless it is a word of SQLite") {
  constexpr quoted_case cases[] = {
      {"create table t (a default current_timestamp, b default null, c default (1 + 2), d)",
       "create table t(a default current_timestamp, b default ?, c default (? + ?), d)"},
      {"create table t (a references u on delete set default deferrable, b default -5)",
       "create table t(a references u on delete set default deferrable, b default ?)"},
      {"insert into t default values", "insert into t default values"},
      {"create table t (a default x'00', b default zebra)",
       "create table t(a default ?, b default ?)"},
  };
  check_texts(cases, dialect::sqlite);
}

TEST_CASE("a backslash is an escape where the server's settings make it one") {
  const std::string_view sql = R"(select 'it\'s zebra', 'lion')";
  CHECK(text_under(sql, dialect::postgresql, {.backslash_escapes = true}) == "select ?, ?");
  const std::vector<std::string> escaped{
      R"('it\'s zebra')", R"('\\')", R"('zebra\'')",         R"('\'zebra')", R"('a\\\'zebra')",
      R"('zebra''\'')",   R"('\n')", R"('--zebra \' /*')",   R"('zebra')",   R"('\'";zebra $$')",
      R"(E'\'zebra')",    R"('"')",  "'zebra \\\n \\' lion'"};
  const std::vector<std::string> plain{
      R"('C:\')",      R"('\zebra')", R"('zebra\')",     R"('\\')", R"('''\')",    R"('zebra')",
      R"('\''zebra')", R"('/*\')",    R"(E'\'zebra\\')", R"('"\')", "$$\\'zebra$$"};
  check_forms(forms_of_statements, escaped, dialect::postgresql, {.backslash_escapes = true});
  check_forms(forms_of_statements, plain, dialect::postgresql, {.backslash_escapes = false});
}

TEST_CASE("quotes in MySQL follow sql_mode") {
  const std::vector<std::string> escaped{
      R"('it\'s zebra')",  R"("it\"s zebra")", R"("zebra's")", R"('zebra"')",  R"('\\')",
      R"("\\")",           R"('a\\\'zebra')",  R"("""zebra")", R"('zebra\'')", R"('#zebra\'--')",
      R"(N'it\'s zebra')", R"('\'`zebra')",    R"("\"'zebra")"};
  std::vector<std::string> plain{R"('C:\')",      R"("C:\")", R"('\zebra')",
                                 R"("zebra\")",   R"('''\')", R"("zebra's\")",
                                 R"('\''zebra')", R"('/*\')", R"("`zebra")"};
  check_forms(forms_of_statements, escaped, dialect::mysql, quoting_of_sql_mode(""));
  check_forms(forms_of_statements, plain, dialect::mysql,
              quoting_of_sql_mode("NO_BACKSLASH_ESCAPES"));
  std::erase_if(plain, [](const std::string& literal) { return literal.front() == '"'; });
  check_forms(forms_of_statements, plain, dialect::mysql,
              quoting_of_sql_mode("ANSI_QUOTES,NO_BACKSLASH_ESCAPES"));

  constexpr quoted_case names[] = {
      {R"(select "a\", 'it\'s zebra' from "t" where "b" = 'x' "c")",
       R"(select "a\", ? from "t" where "b" = ? "c")"},
      {R"(select "a""b" from "t""u")", R"(select "a""b" from "t""u")"},
  };
  check_texts(names, dialect::mysql, quoting_of_sql_mode("ANSI_QUOTES"));
}

TEST_CASE("under unknown settings nothing is shown that is a value under one of them") {
  constexpr quoted_case postgresql[] = {
      {R"(select 'it\'s zebra', 'lion')", "select ?"},
      {R"(select 'C:\', a, 'zebra' from t)", "select ?"},
      {R"(select 'it\'s zebra', 'it\'s a lion', b from t)", "select ?, b from t"},
      {R"(select 'a\\b', c from t where d = 'zebra\n' and e = 'x')",
       "select ?, c from t where d = ? and e = ?"},
      {R"(select E'it\'s zebra', 'lion' from t)", "select ?, ? from t"},
      {R"(select a from t where b in ('\zebra', '\lion'))", "select a from t where b in (?)"},
      {R"(select '\' /* ', zebra */ || 'x', b)", "select ? || ?, b"},
      {R"(select "a\", 'x' from "t\")", R"(select "a\", ? from "t\")"},
      {R"(select 'a\' $$ ' || $$ x$$, b)", "select ?, b"},
      {R"(select 'a\' $$ ' || $$ x $$, b)", "select ?"},
      {"select 'a\\\\'\n 'zebra', b", "select ?, b"},
  };
  check_texts(postgresql, dialect::postgresql);
  constexpr quoted_case mysql[] = {
      {R"(select "a", `b` from t where c = "zebra")", "select ?, `b` from t where c = ?"},
      {R"(select "it\"s zebra", a from t)", "select ?"},
      {R"(select 'it\'s zebra', "lion", a from t)", "select ?"},
      {R"(select "a\n", 'b\n', c from t)", "select ?, ?, c from t"},
      {R"(select `a\`, 'x' from t # it's \)", "select `a\\`, ? from t"},
  };
  check_texts(mysql, dialect::mysql);
  CHECK(text_under(R"(select "a\"b", c" from t)", dialect::mysql, {.backslash_escapes = true}) ==
        "select ?");
  CHECK(text_under(R"(select "a\", 'it\'s', c)", dialect::mysql, {.double_quoted_names = true}) ==
        R"(select "a\", ?)");
}

TEST_CASE("where all readings of a text agree, it needs no settings") {
  std::mt19937 random{11};
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random);
  };
  constexpr std::array pieces{"'",  "''", "\\", "\\'", "\"", "$$", "a", " ", "--", "\n", "/*",
                              "*/", "`",  "e'", "n'",  ",",  "(",  ")", ";", "1",  "#",  "secret"};
  for (int round = 0; round < 20'000; ++round) {
    std::string sql = "select ";
    for (std::size_t left = 1 + below(12); left != 0; --left) sql += pieces[below(pieces.size())];
    for (const dialect dialect : {dialect::postgresql, dialect::mysql}) {
      const std::string unknown = text_under(sql, dialect);
      const bool shows = unknown.find("secret") != unknown.npos;
      for (const bool escapes : {false, true}) {
        for (const bool names : {false, true}) {
          const std::string known = text_under(
              sql, dialect, {.backslash_escapes = escapes, .double_quoted_names = names});
          if (!shows || known.find("secret") != known.npos) continue;
          CAPTURE(sql, escapes, names, known);
          FAIL_CHECK(unknown);
        }
      }
      if (sql.find('\\') == sql.npos && dialect == dialect::postgresql) {
        CHECK(unknown == text_under(sql, dialect, {.backslash_escapes = false}));
      }
    }
  }
}

TEST_CASE("a sql_mode is read as the server lists it") {
  const auto escapes = [](std::string_view mode) {
    return *quoting_of_sql_mode(mode).backslash_escapes;
  };
  const auto names = [](std::string_view mode) {
    return *quoting_of_sql_mode(mode).double_quoted_names;
  };
  CHECK(escapes(""));
  CHECK_FALSE(names(""));
  CHECK(names("STRICT_TRANS_TABLES,ANSI_QUOTES,IGNORE_SPACE"));
  CHECK(names("ansi_quotes"));
  CHECK_FALSE(names("NOT_ANSI_QUOTES,ANSI_QUOTES_TOO"));
  CHECK_FALSE(escapes(" ONLY_FULL_GROUP_BY, NO_BACKSLASH_ESCAPES "));
}

}  // namespace querytap::testing
