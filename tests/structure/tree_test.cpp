// The tree keeps the structure that it promises: folders, includes, headers, README, version.

#include <querytap/base/version.hpp>

#include <structure/rules.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace querytap::structure {
namespace {

namespace fs = std::filesystem;

const fs::path top{QUERYTAP_SOURCE_DIR};

std::string read(const fs::path& path) {
  std::ifstream file{top / path, std::ios::binary};
  REQUIRE(file);
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// What a clone brings: all but the history and what a build leaves behind.
bool is_ours(const fs::path& path) { return path.filename() != ".git" && path != top / "build"; }

/// Every file under `folder` whose name ends like this, relative to the top.
std::vector<fs::path> files(const fs::path& folder, std::string_view ending = {}) {
  std::vector<fs::path> found;
  for (auto entry = fs::recursive_directory_iterator{top / folder}; entry != end(entry); ++entry) {
    if (!is_ours(entry->path())) entry.disable_recursion_pending();
    if (!entry->is_regular_file() || !entry->path().string().ends_with(ending)) continue;
    found.push_back(fs::relative(entry->path(), top));
  }
  return found;
}

std::vector<std::string> relative_to(const fs::path& folder, const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const fs::path& path : paths) names.push_back(path.lexically_relative(folder).string());
  return names;
}

std::string report(const violations& found) {
  std::string text;
  for (const std::string& sentence : found) text += sentence + '\n';
  return text;
}

/// What the first comment of an example says that it prints.
std::string output_in_comment(const std::string& source) {
  static constexpr std::string_view indent = "//     ";
  std::istringstream lines{source};
  std::string output;
  for (std::string line; std::getline(lines, line) && line.starts_with("//");) {
    if (!line.starts_with(indent) || line.starts_with("//     $")) continue;
    output += line.substr(indent.size()) + '\n';
  }
  return output;
}

using file_rule = violations (*)(std::string_view, std::string_view);

std::string check_each(const std::vector<fs::path>& paths, file_rule rule) {
  REQUIRE_FALSE(paths.empty());
  std::string text;
  for (const fs::path& path : paths) text += report(rule(path.string(), read(path)));
  return text;
}

}  // namespace

TEST_CASE("every include goes to the same folder or to one below") {
  CHECK(check_each(files("include"), check_includes) == "");
  CHECK(check_each(files("src", ".cpp"), check_includes) == "");
  CHECK(check_each(files("src", ".hpp"), check_includes) == "");
}

TEST_CASE("every header begins with #pragma once") {
  CHECK(check_each(files("", ".hpp"), check_header_guard) == "");
}

TEST_CASE("no file knows the machine on which it was written") {
  CHECK(check_each(files(""), check_machine_paths) == "");
}

TEST_CASE("nothing stands at the top but what the design allows") {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{top}) names.push_back(entry.path().filename());
  CHECK(report(check_top_level(names)) == "");
}

TEST_CASE("every source, header, test and benchmark is built by something") {
  CHECK(report(check_listed(relative_to("include/querytap", files("include")),
                            read("src/CMakeLists.txt"))) == "");
  CHECK(report(check_listed(relative_to("src", files("src", ".cpp")),
                            read("src/CMakeLists.txt"))) == "");
  CHECK(report(check_listed(relative_to("tests", files("tests/unit", ".cpp")),
                            read("tests/CMakeLists.txt"))) == "");
  CHECK(report(check_listed(relative_to("bench", files("bench", ".cpp")),
                            read("bench/CMakeLists.txt"))) == "");
}

TEST_CASE("the README's output is that of the examples' comments") {
  for (const char* name : {"examples/05_n_plus_one.cpp", "examples/06_why_slow.cpp"}) {
    const std::string output = output_in_comment(read(name));
    REQUIRE_FALSE(output.empty());
    CHECK_THAT(read("README.md"), Catch::Contains("```\n" + output + "```\n"));
  }
}

TEST_CASE("the README's code is that of the examples") {
  for (const std::string name : {"examples/01_first_query.cpp", "examples/03_otlp.cpp"}) {
    CHECK(report(check_readme(read("README.md"), name, read(name))) == "");
  }
}

TEST_CASE("the headers and the package have the same version") {
  CHECK(version == QUERYTAP_PROJECT_VERSION);
}

}  // namespace querytap::structure
