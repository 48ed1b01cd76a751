// No value of a statement is left in its text or its summary.

#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {
namespace {

constexpr std::string_view secret = "5EC2E7";

/// Generates statements in which every literal holds the secret.
class statement_generator {
 public:
  statement_generator(unsigned seed, dialect dialect) : random_{seed}, dialect_{dialect} {}

  std::string statement() {
    switch (below(7)) {
      case 0: return select(3);
      case 1: return "insert into t (a, b) values " + rows() + tail();
      case 2: return "update t set a = " + expression(3) + ", b = " + literal() + tail();
      case 3: return "delete from t" + tail();
      case 4: return "with c as (" + select(2) + ") " + select(2);
      case 5: return "create table t (a int default " + literal() + ")";
      default: return select(2) + (below(2) == 0 ? " union all " : "; ") + select(2);
    }
  }

 private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_);
  }

  std::string pick(const std::vector<std::string>& all) { return all[below(all.size())]; }

  std::string blank() {
    return pick({" ", "\n", "\t ", " /* 5EC2E7 ' */ ", " -- 5EC2E7 '\n", "  "});
  }

  std::string literal() {
    const std::string s{secret};
    std::vector<std::string> all{
        "'" + s + "'",     "'it''s " + s + "'", "'" + s + "\\'",   "x'" + s + "'",    "0x" + s,
        "75" + s,          "-0x" + s,           "'--" + s + "/*'", "'\"" + s + "[`'", "1.0" + s,
        "'\n" + s + ";\n'"};
    if (dialect_ == dialect::postgresql) {
      all.insert(all.end(), {"E'\\'" + s + "'", "$$'" + s + "$$", "$a$ $$" + s + "$b$ $a$",
                             "U&'" + s + "'", "B'" + s + "'", "N'" + s + "'", "'a'\n '" + s + "'",
                             "'" + s + "'::text", "date '" + s + "'"});
    } else {
      all.insert(all.end(), {":" + s, "@" + s, "$" + s, "?", "?12"});
    }
    return pick(all);
  }

  std::string expression(std::size_t depth) {
    if (depth == 0) return below(2) == 0 ? literal() : pick({"a", "t.b", "\"c d\"", "null"});
    const std::size_t inner = depth - 1;
    switch (below(9)) {
      case 0: return expression(inner) + pick({"+", " - ", "||", " like ", "="}) + literal();
      case 1: return "f(" + expression(inner) + "," + blank() + literal() + ")";
      case 2:
        return "a in (" + literal() + "," + blank() + literal() + "," + expression(inner) + ")";
      case 3:
        return "case when a = " + literal() + " then " + literal() + " else " + literal() + " end";
      case 4: return "a between " + literal() + " and " + literal();
      case 5: return "(" + select(inner) + ")";
      case 6: return "a is distinct from " + literal();
      case 7: return "cast(" + literal() + " as text)";
      default: return expression(inner);
    }
  }

  std::string rows() {
    std::string all;
    for (std::size_t left = 1 + below(4); left != 0; --left) {
      all += "(" + literal() + "," + expression(1) + (left == 1 ? ")" : ")," + blank());
    }
    return all;
  }

  std::string tail() { return blank() + "where a = " + literal() + " and " + expression(2); }

  std::string select(std::size_t depth) {
    return "select" + blank() + expression(depth) + ", substring(" + literal() + " from " +
           literal() + ") from t, \"u v\" join f(" + literal() + ") on " + expression(1) + tail() +
           " order by 1 limit 75" + std::string{secret};
  }

  std::mt19937 random_;
  dialect dialect_;
};

}  // namespace

TEST_CASE("no value survives, in any form and at any place") {
  const dialect dialect = GENERATE(dialect::postgresql, dialect::sqlite);
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    const std::string sql = statement_generator{seed, dialect}.statement();
    const statement_identity identity = identify(sql, dialect);
    if (identity.text.find(secret) == std::string::npos &&
        identity.summary.find(secret) == std::string::npos &&
        identify(identity.text, dialect).text == identity.text) {
      continue;
    }
    CAPTURE(seed, sql);
    FAIL(identity.text << '\n'
                       << identity.summary << '\n'
                       << identify(identity.text, dialect).text);
  }
}

}  // namespace querytap::testing

TEST_CASE("a value in double quotes, a string to SQLite, does not survive") {
  for (const std::string_view sql : {R"(select * from t where a = "5EC2E7")",
                                     R"(select * from t where a in ("5EC2E7", "5EC2E7"))",
                                     R"(insert into t ("a", "b") values ("5EC2E7", "5EC2E7"))",
                                     R"(update t set a = "5EC2E7" where b <> "5EC2E7")",
                                     R"(select coalesce(a, "5EC2E7") from t where b like "5EC2E7")",
                                     R"(select case when a then "5EC2E7" else "5EC2E7" end from t)",
                                     R"(select * from t where a between "5EC2E7" and "5EC2E7")",
                                     R"(select json(a, "$.5EC2E7"), "5EC2E7@b.c" from t)",
                                     R"(create table t (a text default "5EC2E7"))"}) {
    CAPTURE(sql);
    CHECK(querytap::identify(sql, querytap::dialect::sqlite).text.find("5EC2E7") ==
          std::string::npos);
  }
}

TEST_CASE("names in double quotes stay where names stand") {
  using namespace querytap;
  for (const std::string_view sql :
       {R"(select "a"."b", "c" from "t" join "u" on "t"."id" = "u"."t_id" order by "c")",
        R"(insert into "t"("a", "b") values (?, ?) on conflict ("a") do update set "b" = ?)",
        R"(update "t" set "a" = ?, "b" = ? where "id" = ?)",
        R"(create table "t"("a" text, "b" text, primary key ("a", "b")))",
        R"(select "a" as "b" from "s"."t" "u")"}) {
    CHECK(identify(sql, dialect::sqlite, {.double_quoted_names = true}).text == sql);
  }
  CHECK(identify(R"(select * from t where a = "b")", dialect::postgresql).text ==
        R"(select * from t where a = "b")");
}

TEST_CASE("settings of a server that change the meaning of quotes are respected") {
  using namespace querytap;
  const auto text = [](std::string_view sql, dialect dialect, const quoting& quotes) {
    return identify(sql, dialect, quotes).text;
  };
  CHECK(text(R"(select 'it\'s 5EC2E7', 'b')", dialect::postgresql, {.backslash_escapes = true}) ==
        "select ?, ?");
  CHECK(text(R"(select 'a\', 5EC2E7)", dialect::mysql, {.backslash_escapes = false}) ==
        "select ?, ?");
  CHECK(text(R"(select "a" from "t" where b = "c")", dialect::mysql,
             {.double_quoted_names = true}) == R"(select "a" from "t" where b = "c")");
  CHECK(text(R"(select "a" from t where b = "c")", dialect::sqlite,
             {.double_quoted_names = true}) == R"(select "a" from t where b = "c")");
}
