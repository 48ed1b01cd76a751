// The table of libpq's functions is complete, and says which of them the decorator has.

#include <support/child_process.hpp>

#include <catch2/catch.hpp>

#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace {

using querytap::testing::read_text;
using function_names = std::set<std::string>;

function_names names_in(const std::string& text, const std::string& pattern) {
  const std::regex expression{pattern};
  function_names names;
  for (std::sregex_iterator at{text.begin(), text.end(), expression}; at != std::sregex_iterator{};
       ++at) {
    names.insert((*at)[1]);
  }
  return names;
}

/// Those in the rows of the table whose second column begins like this.
function_names names_in_table(const std::string& said) {
  std::istringstream table{
      read_text(std::string{QUERYTAP_SOURCE_DIR} + "/src/decorators/libpq/README.md")};
  function_names names;
  for (std::string line; std::getline(table, line);) {
    const std::size_t column = line.find("| ", 2);
    if (!line.starts_with("| `") || column == line.npos) continue;
    if (line.compare(column + 2, said.size(), said) != 0) continue;
    names.merge(names_in(line.substr(0, column), "`(\\w+)`"));
  }
  return names;
}

}  // namespace

TEST_CASE("every function of libpq that takes a connection is in the table", "[libpq]") {
  const function_names known =
      names_in(read_text(QUERYTAP_LIBPQ_HEADER), "(\\w+)\\((?:const )?PGconn \\*\\w+");
  CHECK(known.size() > 80);
  const function_names listed = names_in_table("");
  for (const std::string& name : known) {
    INFO(name);
    CHECK(listed.count(name) == 1);
  }
}

TEST_CASE("what the table says is measured is what the decorator's header has", "[libpq]") {
  const std::string header =
      read_text(std::string{QUERYTAP_SOURCE_DIR} + "/include/querytap/decorators/libpq.hpp");
  CHECK(names_in_table("measured") == names_in(header, "(\\w+)\\((?:const )?connection& db"));
}
