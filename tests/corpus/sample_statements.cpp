#include "sample_statements.hpp"

#include <querytap/query/identify.hpp>

namespace querytap::testing {
namespace {

// `%` stands for a literal.
const std::vector<std::string> forms{
    "select a, %, b from t where c = % and b <> % order by a limit 10",
    "select a from t where a in (%, %, %) or (a, b) in ((1, %), (2, %))",
    "select case when a = % then % else % end as x from t x -- 5EC2E7",
    "select count(*), coalesce(b, %) from t group by a having max(c) > % limit 5 offset 2",
    "select t.a, u.b from t left join u on t.a = u.a and u.b = % where t.c between % and %",
    "insert into t (a, b, c) values (1, %, -2), (2, %, 3), (4, %, null)",
    "insert into t (a, b) select a, % from u where b like %",
    "update t set b = %, c = c - 1 where a = % or b is null",
    "delete from t where b = % /* 5EC2E7 */ and a not in (select a from u where b = %)",
    "with x as (select a, % as y from t) select * from x where y = %",
    "select a from t where b = % union all select a from u where b = %",
    "select a from (select a, b from t where b = %) s where exists (select 1 from u where b = %)",
    "create table v (a int default 5, b varchar(20) default %)",
    "select cast(% as char(10)), -5, +5, 1 - -2, 1.5e-3, 0x1F from t",
    "replace into t (a, b) values (1, %)",
};

const std::vector<std::string> literals{"'5EC2E7'",    "'it''s 5EC2E7'", "'--5EC2E7/*'",
                                        "'\"5EC2E7`'", "x'5EC2E7'",      "'\n5EC2E7;'"};

std::vector<std::string> forms_of(dialect dialect, const quoting& quotes) {
  std::vector<std::string> all = forms;
  if (dialect == dialect::sqlite) {
    all.insert(all.end(), {"select [a], `b`, \"t\".\"c\" from \"t\" where [b] = % and b glob %",
                           "insert or ignore into t (a, b) values (?1, %), (:x, %), (@y, %)",
                           "select a from t where b = \"5EC2E7\" and b in (\"5EC2E7\", %)",
                           "select json_extract(b, %), b || % from t where b regexp %",
                           "pragma user_version = 5", "savepoint five"});
  } else {
    all.insert(all.end(), {"select `a`, b from `t` where b = % and b <=> % limit 10, 20",
                           "insert ignore into t set a = 1, b = %",
                           "insert into t (a, b) values (1, %), (2, %) on duplicate key update b = "
                           "values(b)",
                           "select /*!40001 SQL_NO_CACHE */ a from t # 5EC2E7\n where b like %",
                           "select @x := %, @@session.sql_mode, 5--3, 7 div 2 from t",
                           "update t join u on t.a = u.a set t.b = % where u.b = %",
                           "delete t from t join u on t.a = u.a where u.b = %",
                           "select a from t where b = '5EC2E7' '5EC2E7' limit 1"});
    if (quotes.double_quoted_names.value_or(false)) {
      all.insert(all.end(), {"select \"a\", t.\"b\" as \"x\\\" from \"t\" where \"b\" = %",
                             "insert into \"t\" (\"a\", \"b\") values (1, %), (2, %)"});
    } else {
      all.insert(all.end(), {"select a from t where b = '5EC2E7' \"5EC2E7\" limit 1",
                             "select a, \"5EC2E7\", \"5EC2E7 '\" from t where b = %"});
    }
  }
  return all;
}

std::vector<std::string> literals_of(dialect dialect, const quoting& quotes) {
  std::vector<std::string> all = literals;
  if (dialect != dialect::mysql) return all;
  const bool escapes = quotes.backslash_escapes.value_or(true);
  all.emplace_back("N'5EC2E7'");
  all.emplace_back(escapes ? "'it\\'s 5EC2E7'" : "'5EC2E7\\'");
  if (quotes.double_quoted_names.value_or(false)) return all;
  all.emplace_back("\"5EC2E7\"");
  all.emplace_back(escapes ? "\"5EC2E7 \\\" '\"" : "\"'5EC2E7\\\"");
  return all;
}

std::string replaced(std::string text, char sign, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(sign, at)) != std::string::npos; at += by.size()) {
    text.replace(at, 1, by);
  }
  return text;
}

}  // namespace

std::vector<std::string> sample_schema() {
  return {"create table t (a int primary key, b varchar(100), c int)",
          "create table u (a int primary key, b varchar(100))"};
}

std::vector<std::string> sample_statements(dialect dialect, const quoting& quotes) {
  std::vector<std::string> all;
  for (const std::string& form : forms_of(dialect, quotes)) {
    for (const std::string& literal : literals_of(dialect, quotes)) {
      all.push_back(replaced(form, '%', literal));
    }
  }
  return all;
}

std::string refused(dialect dialect, const std::function<bool(const std::string& sql)>& accepts,
                    const quoting& quotes) {
  std::string lines;
  for (const std::string& sql : sample_statements(dialect, quotes)) {
    const std::string text = identify(sql, dialect, quotes).text;
    const std::string unaware = identify(sql, dialect).text;
    // Some places take only a number, others only a string.
    const bool is_taken = accepts(replaced(text, '?', "1")) || accepts(replaced(text, '?', "'1'"));
    if (!accepts(sql)) lines += "no sample: " + sql + '\n';
    if (!is_taken) lines += sql + "\n  became " + text + '\n';
    for (const std::string& shown : {text, unaware}) {
      if (shown.find(planted) != std::string::npos) lines += "left in " + shown + '\n';
    }
  }
  return lines;
}

}  // namespace querytap::testing
