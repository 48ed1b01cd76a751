#include <structure/rules.hpp>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>
#include <utility>

namespace querytap::structure {
namespace {

using names = std::vector<std::string>;

template <class Text>
bool contains(const std::vector<Text>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string_view stem(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  return path.substr(0, path.find('.'));
}

std::string_view first_component(std::string_view path) { return path.substr(0, path.find('/')); }

/// `calls/reports` of `calls/reports/report_hub.hpp`; the name itself of a header that lies in none.
std::string_view parent_folder(std::string_view path) {
  const auto slash = path.rfind('/');
  std::string_view folder = slash == path.npos ? path : path.substr(0, slash);
  if (folder.ends_with("/detail")) folder.remove_suffix(std::string_view{"/detail"}.size());
  return folder;
}

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

/// The path within the design: `calls/operation.hpp` of `include/querytap/calls/operation.hpp`.
std::string_view within_design(std::string_view path) {
  for (const std::string_view root : {"include/querytap/", "src/"}) {
    if (const auto rest = after(path, root)) return *rest;
  }
  return {};
}

/// What `"../text/word.hpp"` means in a file of `src/`, as a path within the design.
std::string resolved(std::string_view path, std::string_view quoted) {
  const auto target = std::filesystem::path{path}.parent_path() / quoted;
  return std::string{within_design(target.lexically_normal().string())};
}

/// Why a file of `folder` may not include `target`, a header of the design; empty if it may.
std::string objection_to_own(const folder_rules& rules, std::string_view folder,
                             std::string_view target) {
  const std::string_view other = parent_folder(target);
  const std::string_view floor = first_component(folder);
  if (other == "implementation") return {};  // the sources of a header-only program
  if (other == folder || other == floor) return {};
  const names& allowed = rules.folders.find(folder)->second;
  if (contains(allowed, other)) return {};
  const std::string_view other_floor = first_component(other);
  if (other_floor != floor && contains(allowed, other_floor)) return {};
  return "is above what it includes, or beside it";
}

/// The library that an outside header belongs to: `prometheus` of `prometheus/registry.h`.
std::string_view library_of(std::string_view header) { return first_component(header); }

/// Why the file may not include this; empty if it may.
std::string objection(const folder_rules& rules, std::string_view path, std::string_view target) {
  const std::string_view folder = parent_folder(within_design(path));
  if (!rules.folders.contains(folder)) return "stands in no folder of the design";
  const bool is_quoted = target.starts_with('"');
  target = target.substr(1, target.size() - 2);
  if (is_quoted) {
    const std::string own = resolved(path, target);
    if (path.starts_with("src/") && !own.empty()) return objection_to_own(rules, folder, own);
    return "may put in quotes only private headers of src/";
  }
  if (const auto own = after(target, "querytap/")) return objection_to_own(rules, folder, *own);
  const std::string_view library = library_of(target);
  if (library == "absl" && path.starts_with("include/")) return "shows Abseil to the user";
  const auto owner = rules.owners.find(library);
  if (owner != rules.owners.end() && !contains(owner->second, first_component(folder))) {
    return "uses what belongs to " + owner->second.front();
  }
  return {};
}

bool is_name(std::string_view token) {
  return !token.empty() &&
         (std::isalpha(static_cast<unsigned char>(token[0])) != 0 || token[0] == '_');
}

/// The end of the literal, comment or other token that begins at `at`.
std::size_t end_of_token(std::string_view text, std::size_t at) {
  const auto past = [&](std::string_view end, std::size_t from) {
    const auto found = text.find(end, from);
    return found == text.npos ? text.size() : found + end.size();
  };
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) return past("\n", at);
  if (rest.starts_with("/*")) return past("*/", at + 2);
  if (rest.starts_with("R\"(")) return past(")\"", at);
  if (rest[0] == '"' || rest[0] == '\'') {
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != rest[0] && text[end] != '\n') {
      end += text[end] == '\\' ? 2 : 1;
    }
    return std::min(end + 1, text.size());
  }
  std::size_t end = at + 1;
  if (std::isalnum(static_cast<unsigned char>(rest[0])) == 0 && rest[0] != '_') return end;
  const auto belongs = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '\'';
  };
  while (end < text.size() && belongs(text[end])) ++end;
  return end;
}

/// Visits the tokens, blanks and comments aside.
template <class Visit>
void for_each_token(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_token(text, at);
    const std::string_view token = text.substr(at, end - at);
    const bool is_comment = token.starts_with("//") || token.starts_with("/*");
    if (!is_comment && std::isspace(static_cast<unsigned char>(token[0])) == 0) visit(token);
    at = end;
  }
}

template <class Visit>
void for_each_name(std::string_view text, Visit visit) {
  for_each_token(text, [&](std::string_view token) {
    if (is_name(token)) visit(token);
  });
}

/// The standard library's, or a part of one of its headers.
bool is_standard(std::string_view header) {
  return header.starts_with("bits/") ||
         (header.find('/') == header.npos && header.find('.') == header.npos);
}

/// The names in backticks of one cell of a table.
names names_in(std::string_view cell) {
  names found;
  while (const auto name = between(cell, "`", "`")) {
    found.emplace_back(*name);
    cell.remove_prefix(static_cast<std::size_t>(name->data() + name->size() + 1 - cell.data()));
  }
  return found;
}

/// The rows of the table whose first line begins like this: for each name in the first column, the
/// names in `column`.
name_table table_in(std::string_view readme, std::string_view heading, std::size_t column) {
  name_table table;
  const auto begin = readme.find(heading);
  if (begin == readme.npos) return table;
  for (const std::string_view line : split(readme.substr(begin), "\n")) {
    if (!line.starts_with('|')) break;
    const auto cells = split(line, "|");
    if (cells.size() <= column) continue;
    for (const std::string& name : names_in(cells[1])) table[name] = names_in(cells[column]);
  }
  return table;
}

std::size_t indentation(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

/// The lines joined, without the blanks that all of them begin with; empty lines count for nothing.
std::string unindented(const std::vector<std::string_view>& lines) {
  std::size_t common = std::string_view::npos;
  for (const std::string_view line : lines) {
    if (!line.empty()) common = std::min(common, indentation(line));
  }
  std::string text;
  for (const std::string_view line : lines) {
    text += std::string{line.substr(std::min(common, line.size()))} + '\n';
  }
  return text;
}

/// What stands between each line `begin` and the next line `end`, whatever they are indented by. A
/// block that a line `<!-- NAME -->` introduces is another file's, see check_readme().
names regions(std::string_view text, std::string_view begin, std::string_view end) {
  names found;
  std::optional<std::vector<std::string_view>> open;
  bool is_introduced = false;
  for (const std::string_view line : split(text, "\n")) {
    const std::string_view words = line.substr(indentation(line));
    if (open && words == end) {
      found.push_back(unindented(*open));
      open.reset();
    } else if (open) {
      open->push_back(line);
    } else if (words == begin && !is_introduced) {
      open.emplace();
    }
    is_introduced = words.starts_with("<!--");
  }
  return found;
}

/// The texts of `expr: |` in YAML: the lines below it that are indented further.
names expressions(std::string_view yaml) {
  names found;
  std::vector<std::string_view> lines;
  std::optional<std::size_t> key;
  for (const std::string_view line : split(yaml, "\n")) {
    if (key && indentation(line) > *key) {
      lines.push_back(line);
      continue;
    }
    if (key) found.push_back(unindented(lines));
    key.reset();
    lines.clear();
    if (line.substr(indentation(line)) == "expr: |") key = indentation(line);
  }
  if (key) found.push_back(unindented(lines));
  return found;
}

violations differences(std::string_view path, const names& shown, const names& real) {
  if (shown.size() != real.size()) {
    return {std::string{path} + " shows " + std::to_string(shown.size()) + " blocks of " +
            std::to_string(real.size())};
  }
  violations found;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] == real[i]) continue;
    found.push_back(std::string{path} + " shows\n" + shown[i] + "where the file beside it says\n" +
                    real[i]);
  }
  return found;
}

}  // namespace

folder_rules parse_folder_rules(std::string_view readme) {
  return {.folders = table_in(readme, "| folder | what | may include |", 3),
          .owners = table_in(readme, "| header | floors |", 2),
          .foreign = table_in(readme, "| header | library |", 2)};
}

violations check_includes(const folder_rules& rules, std::string_view path, std::string_view text) {
  violations found;
  for (const std::string_view line : split(text, "\n")) {
    const std::string_view target = included(line);
    if (target.empty()) continue;
    const std::string why = objection(rules, path, target);
    if (!why.empty()) found.push_back(std::string{path} + ' ' + why + ": " + std::string{target});
  }
  return found;
}

violations check_foreign(const folder_rules& rules, std::string_view path, std::string_view text) {
  const auto entry = rules.foreign.find(within_design(path));
  violations found;
  for (const std::string_view line : split(text, "\n")) {
    std::string_view target = included(line);
    if (target.size() < 2) continue;
    target = target.substr(1, target.size() - 2);
    if (target.starts_with("querytap/") || is_standard(target)) continue;
    if (entry != rules.foreign.end() && contains(entry->second, library_of(target))) continue;
    found.push_back(std::string{path} + " shows a foreign header: " + std::string{target});
  }
  return found;
}

violations check_own_header_first(std::string_view path, std::string_view text, bool has_own) {
  if (!has_own) return {};
  const std::string own = std::string{stem(path)} + ".hpp";
  for (const std::string_view line : split(text, "\n")) {
    const std::string_view target = included(line);
    if (target.empty()) continue;
    if (std::filesystem::path{target.substr(1, target.size() - 2)}.filename() == own) return {};
    break;
  }
  return {std::string{path} + " does not include its own header first"};
}

violations check_retired_names(std::string_view path, std::string_view text) {
  static const std::vector<std::string_view> retired{"active_operation", "call_class",
                                                     "call_listener",    "call_log",
                                                     "call_memory",      "call_news",
                                                     "call_record",      "hand_over_ring",
                                                     "heavy_statements", "http_request",
                                                     "http_response",    "kept",
                                                     "kept_map",         "name_space",
                                                     "otlp_calls",       "otlp_request",
                                                     "overflow_weight",  "plan_source",
                                                     "postgres_plans",   "series_owner",
                                                     "slow_query",       "slow_query_file",
                                                     "sqlite_plans",     "telemetry_pages",
                                                     "text_cache",       "told",
                                                     "told_call",        "value_text"};
  violations found;
  for_each_name(text, [&](std::string_view name) {
    if (contains(retired, name)) found.push_back(std::string{path} + ": " + std::string{name});
  });
  return found;
}

violations check_empty_names(std::string_view path, std::string_view text) {
  static const std::vector<std::string_view> empty{"where", "what", "one", "of", "to", "in", "now"};
  violations found;
  std::string_view before;  // the last token but for blanks
  std::string_view name;    // the one after it
  for_each_token(text, [&](std::string_view token) {
    const bool ends_declaration = token == "," || token == ")" || token == ";" || token == "=" ||
                                  token == "{" || token == ":";
    const bool follows_type = before == "&" || before == "*" || before == ">" || is_name(before);
    if (contains(empty, name) && ends_declaration && follows_type && before != "return" &&
        before != "case") {
      found.push_back(std::string{path} + " declares '" + std::string{name} + "'");
    }
    before = std::exchange(name, token);
  });
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

violations check_left_pipes(std::string_view path, std::string_view text) {
  static const std::regex reader_that_leaves{R"([^|]\| *(head\b|grep +(-\w*q|--quiet)))"};
  const std::string whole{text};
  violations found;
  for (std::sregex_iterator hit{whole.begin(), whole.end(), reader_that_leaves}, end; hit != end;
       ++hit) {
    found.push_back(std::string{path} + " leaves a pipe before its end: " + hit->str());
  }
  return found;
}

violations check_top_level(const std::vector<std::string>& entries) {
  static const std::vector<std::string_view> allowed{"CMakeLists.txt", "LICENSE",  "README.md",
                                                     "bench",          "examples", "findings",
                                                     "include",        "src",      "tests"};
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

violations check_guide(std::string_view path, std::string_view guide, std::string_view program) {
  return differences(path, regions(guide, "```cpp", "```"),
                     regions(program, "// [guide]", "// [/guide]"));
}

violations check_expressions(std::string_view path, std::string_view guide,
                             std::string_view rules) {
  return differences(path, regions(guide, "```promql", "```"), expressions(rules));
}

violations check_emitted(std::string_view catalog, std::string_view sources) {
  constexpr std::string_view begin = "inline constexpr instrument ";
  const auto used = split(sources, " \n\t(){}[];,&*<>=.");
  violations found;
  for (auto at = catalog.find(begin); at != catalog.npos; at = catalog.find(begin, at + 1)) {
    const std::string_view rest = catalog.substr(at + begin.size());
    const std::string name = "::" + std::string{rest.substr(0, rest.find_first_of("{ =("))};
    const bool is_used = std::ranges::any_of(used, [&](std::string_view word) {
      return word.starts_with("catalog::") && word.ends_with(name);
    });
    if (!is_used) found.push_back("catalog" + name + " is emitted by nothing");
  }
  return found;
}

std::vector<std::string> linked_files(std::string_view markdown) {
  names found;
  bool is_code = false;
  for (std::string_view line : split(markdown, "\n")) {
    if (line.starts_with("```")) is_code = !is_code;
    if (is_code) continue;
    while (const auto target = between(line, "](", ")")) {
      line.remove_prefix(static_cast<std::size_t>(target->data() - line.data()));
      const std::string_view file = target->substr(0, target->find('#'));
      if (!file.empty() && file.find("://") == file.npos) found.emplace_back(file);
    }
  }
  return found;
}

}  // namespace querytap::structure
