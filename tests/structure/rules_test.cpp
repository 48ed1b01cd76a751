// Each rule of the structure finds what breaks it, and leaves alone what does not.

#include <structure/rules.hpp>

#include <catch2/catch.hpp>

namespace querytap::structure {
namespace {

std::string only(const violations& found) {
  REQUIRE(found.size() == 1);
  return found.front();
}

const folder_rules rules = parse_folder_rules(
    "| folder | what | may include | thread | promise |\n"
    "|---|---|---|---|---|\n"
    "| `base` | clock | – | any | – |\n"
    "| `snapshot` | values | `base` | any | – |\n"
    "| `recording` | cells | `base`, `snapshot` | the caller's | – |\n"
    "| `calls` | operation | `base`, `recording`, `calls/reports` | the caller's | – |\n"
    "| `calls/reports` | reports | `base`, `recording` | the collector's | – |\n"
    "| `policies` | pool | `calls` | the caller's | – |\n"
    "| `decorators` | clients | `calls`, `policies` | the caller's | – |\n"
    "| `exporters/common` | utf8 | `base` | any | – |\n"
    "| `exporters/json` | JSON | `snapshot`, `exporters/common` | any | – |\n"
    "| `exporters/prometheus` | text | `snapshot`, `exporters/common` | any | – |\n"
    "| `runtime/common` | threads | `exporters` | its own | – |\n"
    "| `runtime/endpoint` | server | `exporters`, `runtime/common` | its own | – |\n"
    "| `querytap.hpp` | all | `calls`, `policies` | – | – |\n"
    "\n"
    "| header | floors |\n"
    "|---|---|\n"
    "| `thread`, `future` | `runtime` |\n"
    "| `pqxx` | `decorators` |\n"
    "| `prometheus` | `exporters` |\n"
    "\n"
    "| header | library |\n"
    "|---|---|\n"
    "| `decorators/postgres.hpp` | `pqxx` |\n");

violations check_includes(std::string_view path, std::string_view text) {
  return structure::check_includes(rules, path, text);
}

}  // namespace

TEST_CASE("a folder may include itself, what is below it, and its own libraries") {
  CHECK(check_includes("src/calls/operation.cpp",
                       "#include <querytap/calls/operation.hpp>\n"
                       "#include <querytap/recording/recorder.hpp>\n"
                       "#include <absl/container/flat_hash_map.h>\n"
                       "#include <vector>\n")
            .empty());
  CHECK(check_includes("src/runtime/endpoint/scrape_endpoint.cpp",
                       "#include <thread>\n"
                       "#include <querytap/exporters/prometheus/prometheus_text.hpp>\n")
            .empty());
  CHECK(check_includes("include/querytap/querytap.hpp", "#include <querytap/policies/pool.hpp>\n")
            .empty());
}

TEST_CASE("an include that goes up, or sideways, is found however it is spaced") {
  CHECK(only(check_includes("include/querytap/snapshot/snapshot.hpp",
                            "  #  include<querytap/recording/recorder.hpp>\n")) ==
        "include/querytap/snapshot/snapshot.hpp is above what it includes, or beside it: "
        "<querytap/recording/recorder.hpp>");
  CHECK(check_includes("src/exporters/json.cpp", "#include <querytap/recording/detail/cell.hpp>")
            .size() == 1);
  CHECK(check_includes("include/querytap/decorators/redis.hpp",
                       "#include <querytap/exporters/prometheus/prometheus_text.hpp>\n")
            .size() == 1);
  CHECK(
      check_includes("include/querytap/querytap.hpp", "#include <querytap/decorators/sqlite.hpp>\n")
          .size() == 1);
}

TEST_CASE("threads and client libraries stay in the folder that owns them") {
  CHECK(only(check_includes("src/recording/recorder.cpp", "#include <thread>\n")) ==
        "src/recording/recorder.cpp uses what belongs to runtime: <thread>");
  CHECK(check_includes("src/calls/backend.cpp", "#include <pqxx/pqxx>\n").size() == 1);
  CHECK(check_includes("src/decorators/sqlite.cpp", "#include <prometheus/registry.h>").size() ==
        1);
  CHECK(check_includes("include/querytap/calls/backend.hpp",
                       "#include <absl/container/flat_hash_map.h>\n")
            .size() == 1);
}

TEST_CASE("folders of one floor do not see each other, except for listed pairs") {
  CHECK(check_includes("src/exporters/json/json.cpp", "#include \"../common/utf8.hpp\"\n").empty());
  CHECK(
      check_includes("src/runtime/endpoint/a.cpp", "#include \"../common/thread.hpp\"\n").empty());
  CHECK(only(check_includes("src/exporters/json/json.cpp",
                            "#include <querytap/exporters/prometheus/prometheus_text.hpp>\n")) ==
        "src/exporters/json/json.cpp is above what it includes, or beside it: "
        "<querytap/exporters/prometheus/prometheus_text.hpp>");
  CHECK(check_includes("src/runtime/common/a.cpp", "#include \"../endpoint/b.hpp\"\n").size() == 1);
}

TEST_CASE("a folder sees the headers of its floor, and a floor's detail is the floor's own") {
  CHECK(check_includes("src/calls/reports/a.cpp",
                       "#include <querytap/calls/operation.hpp>\n"
                       "#include <querytap/calls/detail/b.hpp>\n")
            .empty());
  CHECK(check_includes("src/policies/a.cpp", "#include <querytap/calls/detail/b.hpp>\n").empty());
  CHECK(check_includes("include/querytap/recording/detail/a.hpp",
                       "#include <querytap/calls/detail/b.hpp>\n")
            .size() == 1);
}

TEST_CASE("quotes are for private headers of src/, under the same rules, and nothing else") {
  CHECK(check_includes("src/calls/backend.cpp", "#include \"statement_map.hpp\"\n").empty());
  CHECK(check_includes("src/calls/backend.cpp", "#include \"../base/a.hpp\"\n").empty());
  CHECK(check_includes("src/calls/backend.cpp", "#include \"reports/a.hpp\"\n").empty());
  CHECK(check_includes("src/base/a.cpp", "#include \"../calls/a.hpp\"\n").size() == 1);
  CHECK(check_includes("src/base/a.cpp", "#include \"../../../tests/a.hpp\"\n").size() == 1);
  CHECK(
      check_includes("include/querytap/calls/backend.hpp", "#include \"statement.hpp\"\n").size() ==
      1);
}

TEST_CASE("a public header that shows an outside library, and is not on the list, is found") {
  const auto check = [](std::string_view path, std::string_view text) {
    return check_foreign(rules, path, text);
  };
  CHECK(check("include/querytap/calls/a.hpp", "#include <string>\n#include <querytap/base/b.hpp>\n")
            .empty());
  CHECK(check("include/querytap/decorators/postgres.hpp", "#include <pqxx/pqxx>\n").empty());
  CHECK(only(check("include/querytap/decorators/sqlite.hpp", "#include <sqlite3.h>\n")) ==
        "include/querytap/decorators/sqlite.hpp shows a foreign header: sqlite3.h");
}

TEST_CASE("a source that does not include its own header first is found") {
  CHECK(check_own_header_first("src/a/b.cpp", "#include \"b.hpp\"\n#include <string>\n", true)
            .empty());
  CHECK(check_own_header_first("src/a/b.cpp", "#include <querytap/a/b.hpp>\n", true).empty());
  CHECK(check_own_header_first("src/a/b.cpp", "#include <string>\n", false).empty());
  CHECK(check_own_header_first("src/a/b.cpp", "#include <string>\n#include \"b.hpp\"\n", true)
            .size() == 1);
}

TEST_CASE("a folder outside the design is found") {
  CHECK(check_includes("src/utils/strings.cpp", "#include <string>\n").size() == 1);
}

TEST_CASE("a name that was given up is found in the code, and left alone in texts and comments") {
  CHECK(only(check_retired_names("a.hpp", "struct slow_query {};")) == "a.hpp: slow_query");
  CHECK(check_retired_names("a.hpp", "// a slow_query\nconst auto a = \"slow_query\";").empty());
  CHECK(check_retired_names("a.hpp", "slow_query_threshold R\"(told)\"").empty());
}

TEST_CASE("a declared name that says nothing is found") {
  CHECK(only(check_empty_names("a.hpp", "void f(const attributes& where);")) ==
        "a.hpp declares 'where'");
  CHECK(check_empty_names("a.hpp", "int to = 1; for (const auto& one : all) {}").size() == 2);
  CHECK(check_empty_names("a.hpp", "f(where_to); return one; // int what;\n").empty());
  CHECK(check_empty_names("a.hpp", "case keyword::in: case to: x.of(1); \"int to;\"").empty());
}

TEST_CASE("a header that does not begin with #pragma once is found") {
  CHECK(check_header_guard("a.hpp", "#pragma once\n\nint a;\n").empty());
  CHECK(check_header_guard("a.hpp", "// A comment first.\n#pragma once\n").size() == 1);
  CHECK(check_header_guard("a.hpp", "").size() == 1);
}

TEST_CASE("a path of somebody's machine is found") {
  CHECK(check_machine_paths("a.md", "see examples/ops and /usr/share/man").empty());
  CHECK(check_machine_paths("a.md", std::string{"see /work"} + "/main").size() == 1);
  CHECK(check_machine_paths("a.md", std::string{"cd /root"} + "/clone").size() == 1);
}

TEST_CASE("a pipe that is left before its end is found") {
  CHECK(check_left_pipes("a.sh", "sort | awk 'NR <= 10'\ngrep -q x file || head file").empty());
  CHECK(check_left_pipes("a.sh", "list | grep x >/dev/null").empty());
  CHECK(check_left_pipes("a.sh", "sort | head -n 10").size() == 1);
  CHECK(check_left_pipes("a.sh", "list | grep -qx name\nlist |grep --quiet name").size() == 2);
}

TEST_CASE("a stray or missing entry at the top is found") {
  const std::vector<std::string> right{"CMakeLists.txt", "LICENSE",  "README.md", "bench",
                                       "examples",       "findings", "include",   "src",
                                       "tests",          "build",    ".git"};
  CHECK(check_top_level(right).empty());

  auto stray = right;
  stray.push_back("docs");
  CHECK(only(check_top_level(stray)) == "docs does not belong at the top");

  auto missing = right;
  std::erase(missing, "LICENSE");
  CHECK(only(check_top_level(missing)) == "LICENSE is missing at the top");
}

TEST_CASE("a file that no CMakeLists.txt names is found, even if another's name ends like it") {
  const std::string_view build_file =
      "add_library(querytap\n  base/clock.cpp base/attribute.cpp)\n";
  CHECK(check_listed({"base/clock.cpp", "base/attribute.cpp"}, build_file).empty());
  CHECK(only(check_listed({"clock.cpp"}, build_file)) == "clock.cpp is built by nothing");
}

TEST_CASE("a README that says something else than the example is found") {
  const std::string readme = "Text.\n<!-- a.cpp -->\n```cpp\nint a;\n```\nMore.\n";
  CHECK(check_readme(readme, "a.cpp", "// [readme]\nint a;\n// [/readme]\n").empty());
  CHECK(check_readme(readme, "a.cpp", "// [readme]\nint b;\n// [/readme]\n").size() == 1);
  CHECK(check_readme(readme, "a.cpp", "int a;\n").size() == 1);
  CHECK(check_readme(readme, "b.cpp", "// [readme]\nint a;\n// [/readme]\n").size() == 1);
}

TEST_CASE("a guide that says something else than the program beside it is found") {
  const std::string program = "  // [guide]\n  if (a) {\n    b();\n  }\n  // [/guide]\nint c;\n";
  CHECK(check_guide("g", "```cpp\nif (a) {\n  b();\n}\n```\n", program).empty());
  CHECK(check_guide("g", "```cpp\nif (a) {\n  c();\n}\n```\n", program).size() == 1);
  CHECK(check_guide("g", "No code.\n", program).size() == 1);
  CHECK(check_guide("g", "```cpp\nint a;\n```\n```cpp\nint b;\n```\n", program).size() == 1);
  CHECK(check_guide("g", "```sh\nmake\n```\n", "int a;\n").empty());
  CHECK(check_guide("g", "<!-- a.cpp -->\n```cpp\nint a;\n```\n", "int b;\n").empty());
}

TEST_CASE("a guide's PromQL that no file of rules has is found") {
  const std::string rules = "- record: a\n  expr: |\n    b\n      / c\n- alert: d\n  expr: e\n";
  CHECK(check_expressions("g", "```promql\nb\n  / c\n```\n", rules).empty());
  CHECK(check_expressions("g", "```promql\nb / c\n```\n", rules).size() == 1);
  CHECK(check_expressions("g", "", rules).size() == 1);
}

TEST_CASE("an instrument that no source names is found") {
  const std::string catalog =
      "inline constexpr instrument waits{\n  1};\ninline constexpr instrument wait = "
      "like(waits);\n";
  CHECK(check_emitted(catalog, "bind(catalog::waits, x);\nreturn {&catalog::wait};").empty());
  CHECK(check_emitted(catalog, "bind(catalog::waits);") ==
        violations{"catalog::wait is emitted by nothing"});
  CHECK(check_emitted(catalog, "wait waits catalog::wait_s").size() == 2);
}

TEST_CASE("the links of a text are those to files of the tree") {
  CHECK(linked_files("[a](b/c.md), [d](https://e.f/)\n[g](h.md#i) [j](#k)\n```\n[](int)\n```\n") ==
        std::vector<std::string>{"b/c.md", "h.md"});
}

}  // namespace querytap::structure
