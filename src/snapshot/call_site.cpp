#include <querytap/snapshot/call_site.hpp>

#include <algorithm>
#include <array>

namespace querytap {
namespace {

bool is_usual_source_folder(std::string_view folder) noexcept {
  constexpr std::array<std::string_view, 11> usual{"src",  "source", "sources", "include",
                                                   "lib",  "libs",   "app",     "apps",
                                                   "test", "tests",  "examples"};
  return std::ranges::count(usual, folder) != 0;
}

bool is_folder_of_homes(std::string_view folder) noexcept {
  return folder == "home" || folder == "Users";
}

// `path` begins with a slash.
std::string_view below_usual_folder(std::string_view path) noexcept {
  std::string_view parent;
  std::string_view folder;
  std::string_view shown = path.substr(path.rfind('/') + 1);
  for (std::size_t begin = 1, end = 0; (end = path.find('/', begin)) != std::string_view::npos;
       begin = end + 1) {
    const std::string_view next = path.substr(begin, end - begin);
    if (next.empty()) continue;  // two slashes are one
    parent = folder;
    folder = next;
    if (is_usual_source_folder(folder)) return path.substr(begin);
    const bool is_in_home =
        is_folder_of_homes(folder) || is_folder_of_homes(parent) || folder == "root";
    if (!is_in_home) shown = path.substr(begin);
  }
  return shown;
}

// None if the path is not below the root.
std::string_view below_root(std::string_view path, std::string_view root) noexcept {
  while (root.ends_with('/')) root.remove_suffix(1);
  const bool is_below = !root.empty() && path.size() > root.size() && path.starts_with(root) &&
                        path[root.size()] == '/';
  return is_below ? path.substr(root.size() + 1) : std::string_view{};
}

// `main()::(lambda at /home/ada/chatbot/src/main.cpp:5:7)`, as clang writes it.
std::string function_with_relative_paths(std::string_view function, std::string_view root) {
  constexpr std::string_view mark = " at /";
  std::string result;
  for (auto at = function.find(mark); at != std::string_view::npos; at = function.find(mark)) {
    const std::size_t begin = at + mark.size() - 1;
    const std::size_t end = std::min(function.find(':', begin), function.size());
    result += function.substr(0, begin);
    result += relative_source(function.substr(begin, end - begin), root);
    function.remove_prefix(end);
  }
  result += function;
  return result;
}

}  // namespace

std::string relative_source(std::string_view path, std::string_view root) {
  if (const std::string_view rest = below_root(path, root); !rest.empty()) return std::string{rest};
  if (path.starts_with('/')) return std::string{below_usual_folder(path)};
  while (path.starts_with("../") || path.starts_with("./")) {
    path.remove_prefix(path.find('/') + 1);
  }
  return std::string{path};
}

call_site site_of(code_location location, std::string_view source_root) {
  return {relative_source(location.file_name(), source_root), location.line(),
          function_with_relative_paths(location.function_name(), source_root)};
}

}  // namespace querytap
