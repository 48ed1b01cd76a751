// What SQLite takes for a string is never shown, also in double quotes; what it takes for a name is
// shown where the columns are known.

#include "sample_statements.hpp"
#include "sqlite_judge.hpp"

#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {
namespace {

std::vector<std::string> schema_of_animals() {
  std::vector<std::string> schema = sample_schema();
  for (const char* sql :
       {"create table animal (id integer primary key, name text, legs int, data text)",
        "create table keeper (id integer primary key, name text, animal_id int references animal)",
        "create unique index animal_name on animal (name)",
        "create view quadruped as select id, name from animal where legs = 4",
        "create table keeper_names (name text)",
        "create virtual table words using fts5(title, body)"}) {
    schema.emplace_back(sql);
  }
  return schema;
}

const sqlite_judge& judge() {
  static const sqlite_judge of_animals{schema_of_animals()};
  return of_animals;
}

std::string shown(const statement_identity& identity) {
  std::string all = identity.text + '\n' + identity.summary;
  for (const std::string& table : identity.tables) all += '\n' + table;
  return all;
}

/// The words in double quotes, without the quotes, in the order of the text.
std::vector<std::string> words_in_quotes(const std::string& sql) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = sql.find('"', at)) != std::string::npos;) {
    const std::size_t end = sql.find('"', at + 1);
    words.push_back(sql.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return words;
}

/// A word that stands for a value, as against names.
bool is_meant_as_string(std::string_view word) {
  return word.find("zebra") != word.npos || word.find("lion") != word.npos;
}

/// One line for each string that is shown, with or without knowledge of the columns, and for each
/// name that is hidden although the columns are known.
std::string faults_of(const std::string& sql) {
  const sqlite_judge::verdict verdict = judge().judge(sql);
  if (!verdict.is_accepted) return "SQLite refuses " + sql + '\n';
  const std::string unaware = shown(identify(sql, dialect::sqlite));
  const std::string aware = shown(identify(sql, dialect::sqlite, {.columns = &judge()}));
  std::string faults;
  for (const std::string& word : words_in_quotes(sql)) {
    const bool is_string = is_meant_as_string(word);
    if (verdict.strings.contains(word) && !is_string) faults += "\n  " + word + " is a string";
    const bool is_in_unaware = unaware.find(word) != unaware.npos;
    const bool is_in_aware = aware.find(word) != aware.npos;
    if (is_string && is_in_unaware) faults += "\n  " + word + " left in " + unaware;
    if (is_string && is_in_aware) faults += "\n  " + word + " left in " + aware;
    if (!is_string && !is_in_aware) faults += "\n  " + word + " hidden in " + aware;
  }
  return faults.empty() ? faults : sql + faults + '\n';
}

/// Writes statements of SQLite at random in which every name and most values are in double quotes.
class double_quoted_statements {
 public:
  explicit double_quoted_statements(unsigned seed) : random_{seed} {}

  std::string next() {
    used_ = 0;
    switch (below(9)) {
      case 0: return with() + select(2);
      case 1: return insert();
      case 2: return update();
      case 3: return "delete from \"animal\" where " + condition(2) + returning();
      case 4: return select(2) + pick({" union ", " union all ", " except "}) + select(1);
      case 5: return create();
      case 6: return "explain query plan " + select(2);
      default: return select(3);
    }
  }

 private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_);
  }
  std::string pick(const std::vector<std::string>& all) { return all[below(all.size())]; }
  std::string word(std::string_view kind) {
    return '"' + std::string{kind} + std::to_string(++used_) + '"';
  }
  std::string value() { return below(4) == 0 ? pick({"?", "17", "'x'", "null"}) : word("zebra "); }
  std::string column() { return pick({"\"name\"", "\"legs\"", "\"animal\".\"id\"", "\"data\""}); }

  std::string operand(std::size_t depth) {
    if (depth == 0 || below(3) == 0) return below(2) == 0 ? column() : value();
    switch (below(13)) {
      case 0: return pick({"lower", "\"upper\"", "date"}) + "(" + operand(depth - 1) + ")";
      case 1: return "coalesce(" + operand(depth - 1) + ", " + value() + ")";
      case 2: return "(" + operand(depth - 1) + " || " + value() + ")";
      case 3: return "(" + value() + " || " + operand(depth - 1) + ")";
      case 4:
        return "case when " + condition(depth - 1) + " then " + value() + " else " + value() +
               " end";
      case 5: return "case " + column() + " when " + value() + " then " + value() + " end";
      case 6: return "cast(" + operand(depth - 1) + " as " + word("type") + ")";
      case 7: return "(select " + operand(depth - 1) + " from \"keeper\")";
      case 8: return "\"data\" -> " + value();
      case 9: return "\"data\"->>" + value();
      case 10: return "max(" + operand(depth - 1) + ", " + value() + ")";
      case 11: return operand(depth - 1) + " collate \"nocase\"";
      default: return "-" + operand(depth - 1);
    }
  }

  std::string condition(std::size_t depth) {
    const std::string left = operand(depth == 0 ? 0 : depth - 1);
    switch (below(13)) {
      case 0: return left + pick({" = ", "=", " <> ", " >= ", " == ", " is "}) + value();
      case 1: return value() + pick({" = ", "<", " is not "}) + left;
      case 2: return left + " in (" + value() + ", " + value() + ")";
      case 3: return left + " not in (select \"name\" from \"keeper\")";
      case 4: return left + " between " + value() + " and " + value();
      case 5: return left + pick({" like ", " glob ", " regexp ", " not like "}) + value();
      case 6: return "(\"name\", \"legs\") = (" + value() + ", " + value() + ")";
      case 7: return left + " is not distinct from " + value();
      case 8: return "exists (select 1 from \"keeper\" where \"animal_id\" = " + value() + ")";
      case 9: return left + " isnull";
      case 10: return left + " in \"keeper_names\"";
      case 11: return "not (" + left + " = " + value() + " or " + value() + " = " + left + ")";
      default: return left + " = " + value() + " and " + left + " <> " + value();
    }
  }

  std::string comment() { return pick({" ", " ", " /* it's (, */ ", "\n-- it's (\n", "\t"}); }

  std::string select(std::size_t depth) {
    std::string text = "select" + comment() + pick({"", "", "distinct "});
    text += operand(depth) + pick({"", " as " + word("alias"), " " + word("alias")}) + ", ";
    text += operand(depth) + comment() + "from \"animal\"";
    text += pick({"", " as " + word("table"), " indexed by \"animal_name\""});
    if (text.find("table") != text.npos) text += " join \"animal\"";
    if (text.find("indexed") != text.npos) return text + " where \"name\" = " + value();
    if (below(3) == 0) text += " where " + condition(depth);
    if (below(4) == 0) text += " group by " + operand(1) + " having " + condition(1);
    return text;
  }

  std::string with() {
    return "with \"q\"(\"first\") as (select " + value() + "), \"r\" as not materialized (" +
           select(1) + ") ";
  }
  std::string insert() {
    std::string text = pick({"insert into ", "insert or ignore into ", "replace into "}) +
                       "\"animal\" (\"name\", \"legs\") ";
    if (below(3) == 0) return text + "select " + value() + ", \"id\" from \"keeper\"";
    text += "values (" + value() + ", " + value() + "), (lower(" + value() + "), 4)";
    if (text.starts_with("replace") || below(2) == 0) return text;
    return text + " on conflict (\"name\") do update set \"legs\" = " + value() +
           ", \"name\" = \"excluded\".\"name\" || " + value() + " where \"legs\" <> " + value() +
           returning();
  }
  std::string update() {
    return pick({"update ", "update or replace "}) + "\"animal\" set \"name\" = " + operand(2) +
           ", (\"legs\", \"data\") = (" + value() + ", " + value() + ") where " + condition(2) +
           returning();
  }
  std::string returning() {
    return pick({"", " returning \"id\" as " + word("alias") + ", " + value()});
  }
  std::string create() {
    switch (below(4)) {
      case 0:
        return "create view " + word("view") + " (\"first\", \"second\") as select " + value() +
               ", \"name\" from \"animal\"";
      case 1:
        return "create index " + word("index") +
               " on \"animal\" (\"name\", \"legs\" collate "
               "\"nocase\" desc) where \"legs\" > 3";
      case 2:
        return "create table " + word("table") + " (\"first\" " + word("type") +
               " collate \"nocase\" references \"animal\" (\"id\") on delete set null, \"second\" "
               "text, constraint " +
               word("check") + " check (\"first\" <> \"second\"), unique (\"first\", \"second\"))";
      default:
        return "create trigger " + word("trigger") +
               " after update of \"name\", \"legs\" on "
               "\"animal\" when \"new\".\"name\" <> " +
               value() +
               " begin update \"keeper\" set "
               "\"name\" = " +
               value() + " where \"name\" = " + value() +
               "; insert into \"keeper\" "
               "(\"name\") values (" +
               value() + "); end";
    }
  }

  std::mt19937 random_;
  int used_ = 0;
};

}  // namespace

TEST_CASE("a string of any sample stays hidden in double quotes where SQLite takes it for one") {
  const sqlite_judge samples{sample_schema()};
  std::size_t strings = 0;
  for (const std::string& original : sample_statements(dialect::sqlite)) {
    const std::string sql = with_double_quotes(original);
    const sqlite_judge::verdict verdict = samples.judge(sql);
    strings += verdict.strings.size();
    for (const quoting& quotes : {quoting{}, quoting{.columns = &samples}}) {
      const std::string text = shown(identify(sql, dialect::sqlite, quotes));
      if (text.find(planted) == text.npos) continue;
      CAPTURE(sql, verdict.is_accepted);
      FAIL_CHECK(text);
    }
  }
  CHECK(strings > 50);
}

TEST_CASE("random statements full of double quotes show names and no strings") {
  std::size_t accepted = 0;
  for (unsigned seed = 0; seed < 3'000; ++seed) {
    const std::string sql = double_quoted_statements{seed}.next();
    const std::string faults = faults_of(sql);
    if (faults.starts_with("SQLite refuses")) continue;
    ++accepted;
    CHECK(faults == "");
  }
  CHECK(accepted > 1'500);
}

TEST_CASE("statements of every kind, full of double quotes, show names and no strings") {
  for (
      const std::string_view sql : {
          R"(select * from animal limit "zebra", "lion")",
          R"(with "a1" as materialized (select "name" from "animal"), "b1" as (select "lion") select * from "a1", "b1" where "name" = "zebra")",
          R"(insert into "animal" as "x" ("name") values ("zebra") on conflict ("name") do update set "name" = "lion")",
          R"(update "main"."animal" as "x" set "name" = coalesce("zebra", "x"."name") where "x"."id" = 3 returning "name", "lion" "y")",
          R"(select * from "animal" left join "keeper" on "animal"."id" = "animal_id" and "keeper"."name" = "zebra", "words" where "title" = "lion")",
          R"(select sum("legs") filter (where "name" = "zebra") over (partition by "name", "lion" order by "legs" rows between 1 preceding and current row) as "s1" from "animal")",
          R"(select lag("name", 1, "zebra") over "w2" from "animal" window "w1" as (order by "id"), "w2" as ("w1"))",
          R"(select printf("zebra %s", "name"), "lower"("lion") from "animal")",
          R"(select "main"."animal"."name", "animal".*, "zebra" from "main"."animal")",
          R"(select * from "words" where "words" match "zebra AND lion")",
          R"(select "id", "name" from "quadruped" where "name" = "zebra" order by "id")",
          R"(create table "new1" ("a1" text default "zebra", "b1" int check ("b1" > 0 and "a1" <> "c1"), "c1" "varchar"(10) not null unique, primary key ("a1", "b1"), foreign key ("b1") references "animal" ("id")))",
          R"(create trigger "new7" instead of update of "name" on "quadruped" begin update "animal" set "name" = "zebra" where "id" = "old"."id"; delete from "keeper" where "name" = "lion"; end)",
          R"(create virtual table "new8" using fts5("zebra", tokenize = "porter lion"))",
          R"(pragma cache_spill = "zebra")",
          R"(vacuum "main" into "zebra")",
          R"(select "name" from "animal" where ("name", "data") in (values ("zebra", "lion")))",
          R"(select ("zebra", "lion") = ("name", "data") from "animal")",
          R"(select row_number() over (partition by "legs", "zebra" order by "name" desc, "lion" rows between unbounded preceding and 1 following exclude ties) "r" from "animal")",
          R"(select cast("zebra" as "my type"(3, 4)) collate "rtrim", typeof("lion"))",
          R"(select * from "animal" as "a", (select "name" as "m" from "keeper" limit "zebra") as "b" where "m" = "lion")",
          R"(select distinct "name" as "d", "zebra" from "animal" where "d" <> "lion" order by "d", "zebra 2")",
          R"(with "x" as (select "id" as "one" from "keeper" where "name" = "zebra") delete from "animal" where "id" in "x" and "name" = "lion")",
          R"(with recursive "t1"("v") as (values ("zebra") union select "v" || "lion" from "t1" where length("v") < 99) select max("v") from "t1")",
          R"(insert into "words" ("words", "rank") values ("zebra", "lion"))",
          R"(update or rollback "animal" as "a" set "name" = (select "k"."name" || "zebra" from "keeper" "k" where "k"."animal_id" = "a"."id") where "a"."name" = "lion")",
          R"(update "animal" set "name" = "zebra" from (select "name" as "nn" from "keeper" where "name" = "lion") as "k" where "k"."nn" = "animal"."name")",
          R"(create table "n1" ("a" integer primary key autoincrement, "b" text not null on conflict ignore default "zebra" collate "nocase", "c" references "animal" on update cascade deferrable initially deferred))",
          R"(create temporary table "n5" as with "q" as (select "zebra" as "z") select "z", "name" from "q", "animal" where "name" <> "lion")",
          R"(create index "n9" on "animal" (lower("name"), "data" -> '$.x'))",
          R"(create trigger "n10" after insert on "animal" when "new"."name" like "zebra%" and "new"."legs" in (1, 2) begin update "keeper" set "name" = "lion" where "animal_id" = "new"."id"; select case when "new"."name" = "zebra 2" then raise(rollback, "lion 2") end; insert or replace into "keeper" ("name", "animal_id") values ("zebra 3", "new"."id"), ("lion 3", 2); end)",
          R"(create virtual table if not exists "temp"."n14" using "rtree" ("zebra", "lion", "zebra 2"))",
          R"(alter table "animal" add "c1" "varchar"(20) not null default "zebra" check ("c1" <> 'q') references "keeper" ("id"))",
          R"(pragma foreign_key_list("keeper"))",
          R"(analyze "main"."animal")",
          R"(detach database "s1")",
          R"(select 1 "c1", 'x' "c2", x'00' "c3", null "c4", current_date "c5", (1) "c6", "zebra" "c7", - 1 "c8", count(*) "c9" from "animal")",
          R"(select "name"from"animal"where"name"="zebra"and"legs"<>"lion")",
          R"(select"zebra"as"n","lion")",
          R"(select group_concat("name", "zebra") over (order by "name" range between "lion" preceding and current row) from "animal")",
          R"(select * from "animal" natural left outer join "keeper" where "legs" is not distinct from "zebra" or "data" is distinct from "lion")",
          R"(select * from "animal" right join "keeper" using ("name") full outer join "keeper_names" using ("name") where "data" = "zebra")",
          R"(select * from ("animal" as "a" join ("keeper" as "k" join "keeper_names" as "n") on "k"."name" = "zebra") where "legs" = "lion")",
      }) {
    CHECK(faults_of(std::string{sql}) == "");
  }
}

}  // namespace querytap::testing
