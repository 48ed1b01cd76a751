#include <structure/rules.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace querytap::structure {
namespace {

using names = std::vector<std::string_view>;

// Every folder may include itself; `runtime` and `testing` may include all.
const std::map<std::string_view, names> layers{
    {"base", {}},
    {"snapshot", {"base"}},
    {"query", {"base"}},
    {"recording", {"snapshot", "base"}},
    {"calls", {"recording", "analysis", "query", "snapshot", "base"}},
    {"policies", {"calls", "recording", "query", "snapshot", "base"}},
    {"decorators", {"policies", "calls", "recording", "query", "snapshot", "base"}},
    {"exporters", {"snapshot", "base"}},
    {"analysis", {"snapshot", "query", "base"}},
    {"runtime",
     {"base", "snapshot", "query", "recording", "calls", "policies", "decorators", "exporters",
      "analysis", "testing"}},
    {"testing",
     {"base", "snapshot", "query", "recording", "calls", "policies", "decorators", "exporters",
      "analysis", "runtime"}},
    {"querytap.hpp", {"base", "snapshot", "query", "recording", "calls", "policies", "analysis"}},
};

// Outside headers that belong to these folders.
const std::map<std::string_view, names> owners{
    {"thread", {"runtime"}},
    {"future", {"runtime"}},
    {"microhttpd.h", {"runtime"}},
    {"pqxx", {"decorators"}},
    {"libpq-fe.h", {"decorators", "runtime"}},
    {"sqlite3.h", {"decorators", "runtime"}},
    {"prometheus", {"exporters"}},
};

bool contains(const names& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string_view first_component(std::string_view path) { return path.substr(0, path.find('/')); }

/// `text` without `prefix`, if it begins with it.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

/// The text between the two markers, both of them outside.
std::optional<std::string_view> between(std::string_view text, std::string_view begin,
                                        std::string_view end) {
  const auto start = text.find(begin);
  if (start == text.npos) return std::nullopt;
  text.remove_prefix(start + begin.size());
  const auto stop = text.find(end);
  if (stop == text.npos) return std::nullopt;
  return text.substr(0, stop);
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pieces;
}

/// What an `#include` line names, with its brackets or quotes; empty for any other line.
std::string_view included(std::string_view line) {
  const auto skip_blanks = [&line] {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  };
  skip_blanks();
  if (!line.starts_with('#')) return {};
  line.remove_prefix(1);
  skip_blanks();
  const auto rest = after(line, "include");
  if (!rest) return {};
  line = *rest;
  skip_blanks();
  return line.substr(0, line.find_first_of(">\"", 1) + 1);
}

/// `include/querytap/calls/operation.hpp` and `src/calls/operation.cpp` both stand in `calls`.
std::string_view layer_of(std::string_view path) {
  for (const std::string_view root : {"include/querytap/", "src/"}) {
    if (const auto rest = after(path, root)) return first_component(*rest);
  }
  return {};
}

/// Why the file may not include this; empty if it may.
std::string objection(std::string_view path, std::string_view target) {
  const std::string_view layer = layer_of(path);
  if (!layers.contains(layer)) return "stands in no folder of the design";
  if (target.starts_with('"')) {
    if (path.starts_with("src/") && target.find('/') == target.npos) return {};
    return "may put in quotes only what lies beside it in src/";
  }
  target = target.substr(1, target.size() - 2);
  if (const auto own = after(target, "querytap/")) {
    const std::string_view other = first_component(*own);
    if (other == layer || contains(layers.at(layer), other)) return {};
    return "is above what it includes, or beside it";
  }
  const std::string_view library = first_component(target);
  if (library == "absl" && path.starts_with("include/")) return "shows Abseil to the user";
  const auto owner = owners.find(library);
  if (owner != owners.end() && !contains(owner->second, layer)) {
    return "uses what belongs to " + std::string{owner->second.front()};
  }
  return {};
}

}  // namespace

violations check_includes(std::string_view path, std::string_view text) {
  violations found;
  for (const std::string_view line : split(text, "\n")) {
    const std::string_view target = included(line);
    if (target.empty()) continue;
    const std::string why = objection(path, target);
    if (!why.empty()) found.push_back(std::string{path} + ' ' + why + ": " + std::string{target});
  }
  return found;
}

violations check_header_guard(std::string_view path, std::string_view text) {
  if (text.starts_with("#pragma once\n")) return {};
  return {std::string{path} + " does not begin with #pragma once"};
}

violations check_machine_paths(std::string_view path, std::string_view text) {
  violations found;
  for (const std::string folder : {"root", "work"}) {
    const std::string place = '/' + folder + '/';
    if (text.find(place) != text.npos) found.push_back(std::string{path} + " names " + place);
  }
  return found;
}

violations check_top_level(const std::vector<std::string>& entries) {
  static const names allowed{"CMakeLists.txt", "LICENSE", "README.md", "bench",
                             "examples",       "include", "src",       "tests"};
  violations found;
  for (const std::string& entry : entries) {
    if (entry.starts_with('.') || entry == "build" || contains(allowed, entry)) continue;
    found.push_back(entry + " does not belong at the top");
  }
  for (const std::string_view name : allowed) {
    if (std::find(entries.begin(), entries.end(), name) == entries.end()) {
      found.push_back(std::string{name} + " is missing at the top");
    }
  }
  return found;
}

violations check_listed(const std::vector<std::string>& files, std::string_view build_file) {
  const auto listed = split(build_file, " \n()");
  violations found;
  for (const std::string& file : files) {
    if (!contains(listed, file)) found.push_back(file + " is built by nothing");
  }
  return found;
}

violations check_readme(std::string_view readme, std::string_view name, std::string_view example) {
  const std::string introduction = "<!-- " + std::string{name} + " -->\n```cpp\n";
  const auto shown = between(readme, introduction, "```\n");
  if (!shown) return {"README.md has no code block introduced by " + introduction};
  const auto real = between(example, "// [readme]\n", "// [/readme]\n");
  if (!real) return {std::string{name} + " has no region between // [readme] and // [/readme]"};
  if (*shown == *real) return {};
  return {"README.md shows\n" + std::string{*shown} + "but " + std::string{name} + " says\n" +
          std::string{*real}};
}

}  // namespace querytap::structure
