// A program that was written for libpqxx runs on the decorator: it differs in what it includes, in one
// line that says which library is meant, and in what its connections are made of; and prints the same.

#include <querytap/decorators/postgres.hpp>
#include <querytap/testing/capture.hpp>
#include <support/child_process.hpp>
#include <support/postgres_server.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

std::string plain_day(const std::string& server, const std::string& file);
std::string decorated_day(querytap::recorder& recorder, const std::string& server,
                          const std::string& file);

}  // namespace shop

namespace {

namespace fs = std::filesystem;
using querytap::capture;
using querytap::testing::postgres_server;
using querytap::testing::temporary_folder;

const fs::path twins{QUERYTAP_TWINS};

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream stream{file};
  REQUIRE(stream);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// As the text was before the decorator came; empty for a line that did not exist.
std::string undecorated(std::string line) {
  const auto erase = [&](std::string_view part) {
    if (const auto at = line.find(part); at != line.npos) line.erase(at, part.size());
  };
  erase("querytap::recorder& recorder, ");
  erase("recorder, ");
  const auto replace = [&](std::string_view part, std::string_view by) {
    if (const auto at = line.find(part); at != line.npos) line.replace(at, part.size(), by);
  };
  replace("<querytap/decorators/postgres.hpp>", "<pqxx/pqxx>");
  replace("decorated_day", "plain_day");
  if (line == "namespace pqxx = querytap::postgres;") return {};
  return line;
}

bool is_comment(const std::string& line) { return line.starts_with("//"); }

/// Without blanks and line ends, which follow the length of a name; without the comment at the top.
std::string code_of(const std::vector<std::string>& lines) {
  std::string code;
  for (const std::string& line : lines) {
    if (is_comment(line)) continue;
    for (const char c : line) {
      if (c != ' ') code += c;
    }
  }
  return code;
}

struct comparison {
  std::size_t different = 0;       // lines of the decorated program that are not in the plain one
  std::vector<std::string> stray;  // of these, that are more than a type or a constructor
};

/// By the number of times that each line occurs.
comparison compare(const std::vector<std::string>& plain,
                   const std::vector<std::string>& decorated) {
  std::map<std::string, int> left;
  for (const std::string& line : plain) ++left[line];
  comparison result;
  for (const std::string& line : decorated) {
    if (line.empty() || is_comment(line) || left[line]-- > 0) continue;
    ++result.different;
    if (undecorated(line) == line && line.find("const std::string& file)") == line.npos)
      result.stray.push_back(line);
  }
  return result;
}

}  // namespace

TEST_CASE("a program of 300 lines moves to the decorator by types and constructors", "[postgres]") {
  const auto plain = lines_of(twins / "plain.cpp");
  const auto decorated = lines_of(twins / "decorated.cpp");
  CHECK(plain.size() > 300);
  const comparison found = compare(plain, decorated);
  WARN("the decorated program differs in " << found.different << " of " << decorated.size()
                                           << " lines");
  CHECK(found.stray == std::vector<std::string>{});
  CHECK(found.different <= 8);
  std::vector<std::string> restored;
  for (const std::string& line : decorated) restored.push_back(undecorated(line));
  CHECK(code_of(restored) == code_of(plain));
}

TEST_CASE("a line that is more than a type or a constructor would be found", "[postgres]") {
  CHECK(undecorated("  pqxx::connection db{recorder, server};") ==
        "  pqxx::connection db{server};");
  const std::vector<std::string> plain{"  tx.exec(sql);"};
  CHECK(compare(plain, {"  tx.exec(sql, site);"}).stray ==
        std::vector<std::string>{"  tx.exec(sql, site);"});
}

TEST_CASE("the decorated program prints what the plain one prints", "[postgres]") {
  const std::string server = postgres_server::shared().connection_string();
  const temporary_folder folder;
  const std::string file = folder.path() / "image";
  const std::string plain = shop::plain_day(server, file);
  capture telemetry;
  const std::string decorated = shop::decorated_day(telemetry.recorder(), server, file);
  CHECK(decorated == plain);
  CHECK(std::count(plain.begin(), plain.end(), '\n') > 60);
  // All of it was seen: one line for each kind of call.
  const std::string seen = telemetry.text("db.client.operation.duration");
  for (const char* summary : {"BEGIN",
                              "COMMIT",
                              "ROLLBACK",
                              "SAVEPOINT",
                              "RELEASE",
                              "BATCH select book",
                              "COPY copied",
                              "COPY empty",
                              "DECLARE select book",
                              "FETCH",
                              "MOVE",
                              "CLOSE",
                              "LISTEN",
                              "UNLISTEN",
                              "PREPARE",
                              "DEALLOCATE",
                              "SET application_name",
                              "SHOW DateStyle",
                              "CALL lo_creat",
                              "CALL lo_open",
                              "CALL lowrite",
                              "CALL loread",
                              "CALL lo_unlink",
                              "select book"}) {
    INFO(summary);
    CHECK_THAT(seen, Catch::Contains(std::string{"db.query.summary="} + summary + " "));
  }
}
