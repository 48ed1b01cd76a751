// The tree keeps the structure that it promises: folders, includes, headers, README, version.

#include <querytap/base/version.hpp>

#include <structure/rules.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
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

const fs::path source_lists{"include/querytap/implementation"};

/// All but the lists of sources for header-only programs.
std::vector<fs::path> public_headers() {
  std::vector<fs::path> headers = files("include", ".hpp");
  std::erase_if(headers,
                [](const fs::path& header) { return header.parent_path() == source_lists; });
  return headers;
}

/// The sources that a list includes, as paths from the top of the tree, in order.
std::vector<std::string> sources_included_by(const std::string& list) {
  static constexpr std::string_view begin = "#include \"../../../";
  std::vector<std::string> sources;
  std::istringstream lines{list};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(begin))
      sources.push_back(line.substr(begin.size(), line.size() - begin.size() - 1));
  }
  std::ranges::sort(sources);
  return sources;
}

std::vector<std::string> sorted_lines(const fs::path& file) {
  std::ifstream stream{file};
  REQUIRE(stream);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  std::ranges::sort(lines);
  return lines;
}

/// Beside the source, or among the public headers of its folder or floor.
bool own_header_exists(const fs::path& source) {
  const fs::path header = source.filename().replace_extension(".hpp");
  const fs::path folder = source.parent_path();
  const fs::path of_folder = top / "include/querytap" / folder.lexically_relative("src");
  return fs::exists(top / folder / header) || fs::exists(of_folder / header) ||
         fs::exists(of_folder / "detail" / header) || fs::exists(of_folder.parent_path() / header);
}

/// The CMakeLists.txt that lists a source: that of its folder, or of the floor.
fs::path build_file_of(const fs::path& source) {
  const fs::path own = source.parent_path() / "CMakeLists.txt";
  return fs::exists(top / own) ? own : source.parent_path().parent_path() / "CMakeLists.txt";
}

std::string listed_name(const fs::path& source) {
  return source.lexically_relative(build_file_of(source).parent_path()).string();
}

template <class Rule>
std::string check_each(const std::vector<fs::path>& paths, Rule rule) {
  REQUIRE_FALSE(paths.empty());
  std::string text;
  for (const fs::path& path : paths) text += report(rule(path.string(), read(path)));
  return text;
}

}  // namespace

TEST_CASE("every include goes to the same folder, to one below, or to a listed one beside it") {
  const folder_rules rules = parse_folder_rules(read("include/querytap/README.md"));
  REQUIRE(rules.folders.size() > 20);
  REQUIRE(rules.owners.size() > 5);
  REQUIRE(rules.foreign.size() > 3);
  const auto includes = [&](std::string_view path, std::string_view text) {
    return check_includes(rules, path, text);
  };
  const auto foreign = [&](std::string_view path, std::string_view text) {
    return check_foreign(rules, path, text);
  };
  CHECK(check_each(public_headers(), includes) == "");
  CHECK(check_each(files("src", ".cpp"), includes) == "");
  CHECK(check_each(files("src", ".hpp"), includes) == "");
  CHECK(check_each(public_headers(), foreign) == "");
}

TEST_CASE("the table of folders names the folders that there are") {
  const folder_rules rules = parse_folder_rules(read("include/querytap/README.md"));
  for (const auto& [folder, allowed] : rules.folders) {
    INFO(folder);
    CHECK((fs::exists(top / "include/querytap" / folder) || fs::exists(top / "src" / folder)));
  }
}

TEST_CASE("every source includes its own header first") {
  const auto rule = [](std::string_view path, std::string_view text) {
    return check_own_header_first(path, text, own_header_exists(path));
  };
  CHECK(check_each(files("src", ".cpp"), rule) == "");
}

TEST_CASE("names that were given up do not come back, and every name says something") {
  for (const char* folder : {"include", "src", "tests", "bench", "examples"}) {
    for (const char* ending : {".hpp", ".cpp"}) {
      const auto paths = files(folder, ending);
      if (paths.empty()) continue;
      CHECK(check_each(paths, check_retired_names) == "");
      CHECK(check_each(paths, check_empty_names) == "");
    }
  }
}

TEST_CASE("a header-only program compiles the same sources as the libraries") {
  std::size_t components = 0;
  for (const auto& entry : fs::directory_iterator{QUERYTAP_SOURCE_LISTS}) {
    const std::string component = entry.path().stem().string();
    INFO(component);
    CHECK(sources_included_by(read(source_lists / (component + ".hpp"))) ==
          sorted_lines(entry.path()));
    ++components;
  }
  CHECK(components == files(source_lists, ".hpp").size());
}

TEST_CASE("a header that brings the sources of its component includes no other that does") {
  const auto component_of = [](const std::string& header) {
    static constexpr std::string_view begin = "#include <querytap/implementation/";
    const auto at = header.find(begin);
    return at == std::string::npos ? "" : header.substr(at, header.find('>', at) - at);
  };
  // The sources would be compiled in the middle of the first, which has not declared anything yet.
  for (const fs::path& path : public_headers()) {
    const std::string component = component_of(read(path));
    if (component.empty()) continue;
    std::istringstream lines{read(path)};
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("#include <querytap/") || line.starts_with("#include <querytap/impl"))
        continue;
      const fs::path included = "include/" + line.substr(10, line.find('>') - 10);
      INFO(path << " includes " << included);
      CHECK(component_of(read(included)) != component);
    }
  }
}

TEST_CASE("every header begins with #pragma once") {
  CHECK(check_each(files("", ".hpp"), check_header_guard) == "");
}

TEST_CASE("no file knows the machine on which it was written") {
  CHECK(check_each(files(""), check_machine_paths) == "");
}

TEST_CASE("no script leaves a pipe before its end") {
  CHECK(check_each(files("", ".sh"), check_left_pipes) == "");
}

TEST_CASE("nothing stands at the top but what the design allows") {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{top}) names.push_back(entry.path().filename());
  CHECK(report(check_top_level(names)) == "");
}

TEST_CASE("every source, header, test and benchmark is built by something") {
  std::string build_files;
  for (const fs::path& path : files("src", "CMakeLists.txt")) build_files += read(path);
  CHECK(report(check_listed(relative_to("include/querytap", public_headers()), build_files)) == "");
  for (const fs::path& source : files("src", ".cpp")) {
    CHECK(report(check_listed({listed_name(source)}, read(build_file_of(source)))) == "");
  }
  CHECK(report(check_listed(relative_to("tests", files("tests/unit", ".cpp")),
                            read("tests/CMakeLists.txt"))) == "");
  for (const fs::path& source : files("bench", ".cpp")) {
    const fs::path folder = source.parent_path() == "bench/rivals" ? "bench/rivals" : "bench";
    CHECK(report(check_listed({source.lexically_relative(folder).string()},
                              read(folder / "CMakeLists.txt"))) == "");
  }
}

TEST_CASE("the code in the README and the guides is that of the examples") {
  const std::pair<std::string, std::string> shown[] = {
      {"README.md", "examples/01_first_query.cpp"},
      {"examples/guides/adoption/README.md", "examples/guides/adoption/postgres_store.cpp"},
      {"examples/guides/health/README.md", "examples/guides/health/servers.cpp"},
      {"examples/guides/otlp/README.md", "examples/03_otlp.cpp"},
      {"examples/guides/plugins_and_forks/README.md",
       "examples/guides/plugins_and_forks/plugin.cpp"}};
  for (const auto& [text, name] : shown) {
    INFO(text);
    CHECK(report(check_readme(read(text), name, read(name))) == "");
  }
}

TEST_CASE("the README's figures are lines of the table of figures") {
  const std::string table = read("bench/README.md");
  const std::string readme = read("README.md");
  std::istringstream lines{readme.substr(readme.find("```\nfigure ") + 4)};
  int shown = 0;
  for (std::string line; std::getline(lines, line) && line != "```"; ++shown) {
    CHECK_THAT(table, Catch::Contains('\n' + line + '\n'));
  }
  CHECK(shown == 6);
}

TEST_CASE("a guide shows the code of the program beside it, and what it prints") {
  const std::vector<fs::path> guides = files("examples/guides", "README.md");
  CHECK(guides.size() >= 9);
  for (const fs::path& guide : guides) {
    const fs::path folder = guide.parent_path();
    const std::string program = read(folder / (folder.filename().string() + ".cpp"));
    CHECK(report(check_guide(guide.string(), read(guide), program)) == "");
    const std::string output = output_in_comment(program);
    INFO(guide);
    if (!output.empty()) CHECK_THAT(read(guide), Catch::Contains("```\n" + output + "```\n"));
  }
}

TEST_CASE("the guide to slow queries shows what the examples print") {
  const std::string guide = read("examples/guides/slow_queries/README.md");
  for (const char* name : {"examples/05_n_plus_one.cpp", "examples/06_why_slow.cpp"}) {
    const std::string output = output_in_comment(read(name));
    REQUIRE_FALSE(output.empty());
    CHECK_THAT(guide, Catch::Contains("```\n" + output + "```\n"));
  }
}

TEST_CASE("the guide to Prometheus shows the rules and the configuration that promtool has read") {
  const fs::path folder = "examples/guides/prometheus";
  const std::string guide = read(folder / "README.md");
  CHECK(report(check_expressions((folder / "README.md").string(), guide,
                                 read(folder / "rules.yml"))) == "");
  CHECK_THAT(guide, Catch::Contains("```yaml\n" + read(folder / "prometheus.yml") + "```\n"));
}

TEST_CASE("the guide to models shows the rules that promtool has read") {
  const fs::path folder = "examples/guides/models";
  CHECK(report(check_expressions((folder / "README.md").string(), read(folder / "README.md"),
                                 read(folder / "rules.yml"))) == "");
}

TEST_CASE("every instrument of the catalog is emitted by the library") {
  const fs::path catalog = "include/querytap/snapshot/catalog.hpp";
  std::string sources;
  for (const char* folder : {"include", "src"}) {
    for (const char* ending : {".hpp", ".cpp"}) {
      for (const fs::path& path : files(folder, ending)) {
        if (path != catalog) sources += read(path);
      }
    }
  }
  CHECK(report(check_emitted(read(catalog), sources)) == "");
}

TEST_CASE("every link of a README leads to a file") {
  for (const fs::path& text : files("", ".md")) {
    for (const std::string& target : linked_files(read(text))) {
      INFO(text << " links to " << target);
      CHECK(fs::exists(top / text.parent_path() / target));
    }
  }
}

TEST_CASE("the headers and the package have the same version") {
  CHECK(version == QUERYTAP_PROJECT_VERSION);
}

}  // namespace querytap::structure
