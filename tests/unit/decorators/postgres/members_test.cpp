// The table of libpqxx' members is complete, and true of the decorator.

#include "public_members.hpp"

#include <pqxx/version>

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using querytap::testing::add_classes;
using querytap::testing::class_members;
using querytap::testing::classes;

const fs::path readme{QUERYTAP_MEMBERS};

std::string content_of(const fs::path& file) {
  std::ifstream stream{file, std::ios::binary};
  REQUIRE(stream);
  return {std::istreambuf_iterator<char>{stream}, {}};
}

classes classes_in(const fs::path& folder, std::string_view ending, std::string_view outermost) {
  classes found;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder}) {
    if (entry.path().extension() == ending) add_classes(content_of(entry.path()), outermost, found);
  }
  return found;
}

/// What stands in code spans.
std::vector<std::string> code_of_cell(std::string_view text) {
  std::vector<std::string> code;
  for (std::size_t at = 0; (at = text.find('`', at)) != text.npos;) {
    const std::size_t stop = text.find('`', at + 1);
    code.emplace_back(text.substr(at + 1, stop - at - 1));
    at = stop + 1;
  }
  return code;
}

struct member_row {
  std::string name;
  std::vector<std::string> members;
  std::string how;
  std::string reason;
};

struct member_table {
  std::vector<member_row> rows;
  std::set<std::string> untouched;  // classes that are libpqxx' own as a whole
};

member_table table_of(const std::string& text) {
  member_table table;
  std::istringstream lines{text.substr(text.find("| class |"))};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) {
      if (!line.starts_with('|')) {
        for (const std::string& name : code_of_cell(line)) table.untouched.insert(name);
      }
      continue;
    }
    std::vector<std::string> cells;
    std::istringstream parts{line.substr(1)};
    for (std::string cell; std::getline(parts, cell, '|');) cells.push_back(cell);
    REQUIRE(cells.size() == 4);
    const auto how = cells[2].substr(1, cells[2].size() - 2);
    table.rows.push_back({code_of_cell(cells[0]).at(0), code_of_cell(cells[1]), how, cells[3]});
  }
  return table;
}

/// Details of libpqxx that an application meets nevertheless.
bool concerns_applications(const std::string& name) {
  return !name.starts_with("internal::") || name == "internal::namedclass" ||
         name == "internal::parameterized_invocation";
}

std::string missing_from(const member_table& table, const classes& of_libpqxx) {
  std::string missing;
  for (const auto& [name, offered] : of_libpqxx) {
    if (!concerns_applications(name) || table.untouched.contains(name)) continue;
    std::set<std::string> listed;
    bool is_listed = false;
    for (const member_row& row : table.rows) {
      if (row.name != name) continue;
      is_listed = true;
      listed.insert(row.members.begin(), row.members.end());
    }
    if (!is_listed) missing += name + '\n';
    for (const std::string& member : offered.names) {
      if (is_listed && !listed.contains(member)) missing += name + "::" + member + '\n';
    }
    for (const std::string& member : listed) {
      if (!offered.names.contains(member)) missing += "no " + name + "::" + member + '\n';
    }
  }
  return missing;
}

/// The names of a class with those of its bases.
std::set<std::string> all_names(const classes& known, const std::string& name) {
  const auto found = known.find(name);
  if (found == known.end()) return {};
  std::set<std::string> names = found->second.names;
  for (const std::string& base : found->second.bases) {
    for (const std::string& prefix : {std::string{}, std::string{"detail::"}}) {
      if (prefix + base == name) continue;
      const auto inherited = all_names(known, prefix + base);
      names.insert(inherited.begin(), inherited.end());
    }
  }
  return names;
}

std::string untrue(const member_table& table, const classes& ours, const classes& of_libpqxx) {
  std::string wrong;
  for (const member_row& row : table.rows) {
    const bool is_known = row.how == "decorated" || row.how == "passed through";
    if (!is_known && row.how != "not offered") wrong += row.name + ": " + row.how + '\n';
    if (row.how == "not offered" && row.reason.size() < 5) wrong += row.name + ": no reason\n";
    if (!is_known || !ours.contains(row.name)) continue;
    std::set<std::string> names = all_names(ours, row.name);
    // Of a class of the decorator that derives from that of libpqxx.
    const auto& bases = ours.at(row.name).bases;
    if (std::ranges::find(bases, row.name) != bases.end())
      names.merge(all_names(of_libpqxx, row.name));
    for (const std::string& member : row.members) {
      if (!names.contains(member)) wrong += row.name + "::" + member + " is not there\n";
    }
  }
  return wrong;
}

}  // namespace

#if PQXX_VERSION_MAJOR == 6
TEST_CASE("each public member of libpqxx is in the table, and each of the table in libpqxx",
          "[postgres]") {
  classes of_libpqxx = classes_in(QUERYTAP_PQXX_HEADERS, ".hxx", "pqxx");
  of_libpqxx.merge(classes_in(fs::path{QUERYTAP_PQXX_HEADERS} / "internal", ".hxx", "pqxx"));
  CHECK(of_libpqxx.size() > 80);
  CHECK(of_libpqxx.at("transaction_base").names.size() > 25);
  const member_table table = table_of(content_of(readme));
  CHECK(missing_from(table, of_libpqxx) == "");
  for (const std::string& name : table.untouched) {
    INFO(name);
    CHECK(of_libpqxx.contains(name));
  }
  classes ours = classes_in(readme.parent_path(), ".hpp", "querytap::postgres");
  ours.merge(
      classes_in(readme.parent_path().parent_path() / "detail", ".hpp", "querytap::postgres"));
  CHECK(ours.size() > 25);
  CHECK(untrue(table, ours, of_libpqxx) == "");
}
#endif

TEST_CASE("a member of libpqxx that is not in the table is found", "[postgres]") {
  classes found;
  add_classes(
      "namespace pqxx { class base { public: void known(); };\n"
      "template <class T> class PQXX_LIBEXPORT stream final : public base, private other<int> {\n"
      "  int hidden(); public: explicit stream(int n = f(1)) : a{n}, b(2) {} stream(const stream&) "
      "=delete;\n"
      "  ~stream() noexcept { end(); } operator bool() const; template <class R> stream& "
      "operator>>(R&);\n"
      "  using size_type = long; using base::known; enum policy { one_way, two_ways }; static "
      "const int most = 3;\n"
      "  friend class other; protected: void more(); }; }",
      "pqxx", found);
  REQUIRE(found.contains("stream"));
  CHECK(found["stream"].names == std::set<std::string>{"stream", "operator bool", "operator>>",
                                                       "size_type", "known", "policy", "one_way",
                                                       "two_ways", "most"});
  CHECK(found["stream"].bases == std::vector<std::string>{"base"});
  const std::string listed =
      "| class | members | how | |\n|---|---|---|---|\n| `base` | `known`, `old` | decorated | |\n";
  CHECK(missing_from(table_of(listed), found) == "no base::old\nstream\n");
  CHECK(untrue(table_of(listed), {{"base", class_members{{"known"}, {}}}}, found) ==
        "base::old is not there\n");
}
