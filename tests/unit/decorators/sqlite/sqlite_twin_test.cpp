// A program that is written against SQLite's own functions is measured once its types are replaced, or
// with one line more, and prints the same.

#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/testing/capture.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

void assist(const char* file, std::ostream& out);
void assist(querytap::recorder& recorder, const char* file, std::ostream& out);
void assist_observed(querytap::recorder& recorder, const char* file, std::ostream& out);

namespace {

namespace fs = std::filesystem;
using namespace querytap;
using querytap::testing::temporary_folder;

const fs::path twins{QUERYTAP_SQLITE_TWINS};

/// Without the comment on top and empty lines.
std::vector<std::string> code_of(const fs::path& file) {
  std::ifstream stream{file};
  REQUIRE(stream);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && !line.starts_with("// ")) lines.push_back(line);
  }
  return lines;
}

/// A line of the decorated program as SQLite's own types have it.
std::string as_plain(std::string line) {
  static const std::vector<std::pair<std::regex, std::string>> types{
      {std::regex{R"(sqlite::connection& )"}, "sqlite3* "},
      {std::regex{R"(sqlite::connection (\w+)\{(recorder|\w+\.telemetry\(\))\};)"},
       "sqlite3* $1 = nullptr;"},
      {std::regex{R"(sqlite::statement (\w+);)"}, "sqlite3_stmt* $1 = nullptr;"},
      {std::regex{R"(sqlite::blob (\w+);)"}, "sqlite3_blob* $1 = nullptr;"},
      {std::regex{R"(sqlite::backup (\w+) = )"}, "sqlite3_backup* $1 = "},
      {std::regex{R"(^void assist\(querytap::recorder& recorder, )"}, "void assist("}};
  for (const auto& [ours, plain] : types) line = std::regex_replace(line, ours, plain);
  return line;
}

struct difference {
  std::size_t added = 0;
  std::size_t changed = 0;
  std::string others;  // lines that differ by more than types and constructors
};

difference difference_of(const std::vector<std::string>& plain,
                         const std::vector<std::string>& decorated) {
  difference found;
  auto expected = plain.begin();
  for (const std::string& line : decorated) {
    if (line == "#include <querytap/decorators/sqlite.hpp>" ||
        line == "namespace sqlite = querytap::sqlite;") {
      ++found.added;
    } else if (expected == plain.end() || as_plain(line) != *expected) {
      found.others += line + '\n';
      if (expected != plain.end()) ++expected;
    } else {
      if (line != *expected) ++found.changed;
      ++expected;
    }
  }
  if (expected != plain.end()) found.others += "(lines are missing)\n";
  return found;
}

template <class Program>
std::string output_of(Program program) {
  const temporary_folder folder;
  const std::string file = folder.path() / "assistant.db";
  std::ostringstream out;
  program(file.c_str(), out);
  return out.str();
}

std::string plain_output() {
  return output_of([](const char* file, std::ostream& out) { assist(file, out); });
}

/// Of the program's file: calls and rows by statement.
std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> calls_by_text(capture& telemetry) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> calls;
  const snapshot snapshot = telemetry.recorder().collect();
  const auto visit = [&](std::string_view instrument, auto add) {
    for (const point& p : snapshot.find(instrument)) {
      const attribute_value* const database = p.series->labels.find("db.namespace");
      if (database != nullptr && *database == attribute_value{std::string{"assistant.db"}} &&
          p.statement != nullptr) {
        add(calls[p.statement->text], *p.histogram);
      }
    }
  };
  visit("db.client.operation.duration",
        [](auto& sums, const histogram_data& data) { sums.first += data.count(); });
  visit("db.client.response.returned_rows", [](auto& sums, const histogram_data& data) {
    sums.second += static_cast<std::uint64_t>(data.sum());
  });
  return calls;
}

}  // namespace

TEST_CASE("the decorated twin of a plain program differs in types and constructors alone",
          "[sqlite]") {
  const auto plain = code_of(twins / "plain.cpp");
  const auto decorated = code_of(twins / "decorated.cpp");
  const difference found = difference_of(plain, decorated);
  CHECK(found.others == "");
  CHECK(found.added == 2);
  CHECK(found.changed > 0);
  std::printf(
      "plain and decorated SQLite: %zu lines, of which %zu have another type, and %zu more\n",
      plain.size(), found.changed, found.added);
  CHECK(plain.size() > 230);
}

TEST_CASE("a line that differs by more than its types is found", "[sqlite]") {
  const auto plain = code_of(twins / "plain.cpp");
  auto decorated = code_of(twins / "decorated.cpp");
  decorated[100] += " ";
  CHECK(difference_of(plain, decorated).others == decorated[100] + "\n");
  decorated = code_of(twins / "decorated.cpp");
  decorated.pop_back();
  CHECK(difference_of(plain, decorated).others == "(lines are missing)\n");
}

TEST_CASE("the decorated twin prints what the plain program prints, and is measured", "[sqlite]") {
  capture telemetry;
  const std::string decorated = output_of(
      [&](const char* file, std::ostream& out) { assist(telemetry.recorder(), file, out); });
  CHECK(decorated == plain_output());
  CHECK(std::ranges::count(decorated, '\n') > 20);
  auto calls = calls_by_text(telemetry);
  const auto insert = std::ranges::find_if(calls, [](const auto& entry) {
    return entry.first.starts_with("insert into documents(title, body, weight, embedding)");
  });
  REQUIRE(insert != calls.end());
  CHECK(insert->second.first == 4);
  CHECK(calls["insert into documents(title) values (?)"].first == 1);
  CHECK(calls["delete from log"].first == 1);
  const std::string durations = telemetry.text("db.client.operation.duration");
  for (const char* call : {"error.type=2067", "error.type=5", "CALL sqlite3_blob_write",
                           "CALL sqlite3_backup_step", "PRAGMA wal_checkpoint", "select missing"}) {
    CHECK_THAT(durations, Catch::Contains(call));
  }
}

TEST_CASE("one line measures the plain program, which prints the same", "[sqlite]") {
  capture observed;
  CHECK(output_of([&](const char* file, std::ostream& out) {
          assist_observed(observed.recorder(), file, out);
        }) == plain_output());
  capture decorated;
  output_of([&](const char* file, std::ostream& out) { assist(decorated.recorder(), file, out); });
  const auto seen = calls_by_text(observed);
  auto expected = calls_by_text(decorated);
  // What a trace callback does not show, or another connection did.
  std::erase_if(expected, [](const auto& entry) {
    const std::string_view text = entry.first;
    return text.starts_with("CALL ") || text.starts_with("PRAGMA wal_checkpoint") ||
           text.starts_with("select * from missing") || text.starts_with("delete from log");
  });
  CHECK(seen == expected);
}
