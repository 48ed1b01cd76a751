#include "debian_sql.hpp"

#include "pg_query.hpp"

#include <support/child_process.hpp>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace querytap::testing {
namespace {

namespace fs = std::filesystem;

const fs::path scripts = "/usr/share/postgresql/15";
const fs::path pgbench = "/usr/lib/postgresql/15/bin/pgbench";

/// The script as the server receives it: psql, CREATE EXTENSION and pgbench replace variables and
/// run commands of their own.
std::string as_sent(const std::string& script) {
  static const std::regex psql_command{R"((^|\n)\\[^\n]*)"};
  static const std::regex variable{R"(([^:\w]):([a-z]\w*))"};
  static const std::regex place_holder{R"(@(extschema|extowner)@)"};
  std::string text = std::regex_replace(script, psql_command, "$1");
  text = std::regex_replace(text, variable, "$1 17");
  return std::regex_replace(text, place_holder, "some_$1");
}

std::vector<std::string> read_scripts() {
  std::vector<std::string> texts;
  if (fs::exists(scripts)) {
    for (const fs::directory_entry& file : fs::recursive_directory_iterator{scripts}) {
      if (file.path().extension() == ".sql") texts.push_back(as_sent(read_text(file.path())));
    }
  }
  for (const char* name : {"tpcb-like", "simple-update", "select-only"}) {
    const finished shown = run({pgbench.string(), "--show-script", name});
    if (shown.exit_code == 0) texts.push_back(as_sent(shown.output));
  }
  if (texts.size() < 100) {
    throw std::runtime_error{"few SQL files in " + scripts.string() +
                             ": apt-get install postgresql-15"};
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

/// Adds the statements, and those in their dollar quotes where these hold SQL.
void add_statements(const std::string& script, std::set<std::string>& statements) {
  for (const std::string& statement : pg_query::split(script)) {
    statements.insert(statement);
    for (const pg_query::token& token : pg_query::scan(statement)) {
      if (token.kind != pg_query::literal::string || statement[token.begin] != '$') continue;
      const std::size_t tag = statement.find('$', token.begin + 1) + 1 - token.begin;
      add_statements(statement.substr(token.begin + tag, token.end - token.begin - 2 * tag),
                     statements);
    }
  }
}

}  // namespace

const std::vector<std::string>& debian_sql() {
  static const std::vector<std::string> all = [] {
    std::set<std::string> statements;
    for (const std::string& script : read_scripts()) add_statements(script, statements);
    return std::vector<std::string>{statements.begin(), statements.end()};
  }();
  return all;
}

}  // namespace querytap::testing
