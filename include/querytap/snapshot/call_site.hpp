#pragma once

#include <querytap/base/code_location.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap {

/// The line of the application that made a call, as a value: a copy of the texts, for reports that
/// outlive the code. The hot path carries a code_location instead, which points at the compiler's
/// texts and copies in a few words; site_of() is the only way from one to the other.
struct call_site {
  std::string file =
      {};  ///< below the root of the sources, see relative_source(); empty: not known
  std::uint32_t line = 0;
  std::string function = {};  ///< as the compiler writes it

  friend bool operator==(const call_site&, const call_site&) = default;
};

/// The path of a source file as reports show it: without the folders of the machine that built the program.
///
///     relative_source("/home/ada/chatbot/src/store.cpp");                        // src/store.cpp
///     relative_source("/home/ada/chatbot/tools/load.cpp", "/home/ada/chatbot");  // tools/load.cpp
///
/// A path below `root` begins there. Another absolute path begins with the first of its folders that has one of
/// the usual names, such as `src` or `include`; without one, with the folder of the file, unless that is
/// somebody's home. A relative path loses the `../` at its beginning.
[[nodiscard]] std::string relative_source(std::string_view path, std::string_view root = {});

/// Paths in the name of the function, where a compiler writes some, are shortened as well.
[[nodiscard]] call_site site_of(code_location location, std::string_view source_root = {});

/// `src/store.cpp:42`, or nothing.
[[nodiscard]] inline std::string to_string(const call_site& site) {
  return site.file.empty() ? std::string{} : site.file + ':' + std::to_string(site.line);
}

}  // namespace querytap
