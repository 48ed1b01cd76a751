#pragma once

#include <querytap/base/code_location.hpp>

#include <cstdint>
#include <string>

namespace querytap {

/// The line of the application that made a call, as a value: a copy of the texts, for reports that
/// outlive the code. The hot path carries a code_location instead, which points at the compiler's
/// texts and copies in a few words; site_of() is the only way from one to the other.
struct call_site {
  std::string file = {};  ///< as the compiler was given the path; empty: not known
  std::uint32_t line = 0;
  std::string function = {};

  friend bool operator==(const call_site&, const call_site&) = default;
};

[[nodiscard]] inline call_site site_of(const code_location& location) {
  return {location.file_name(), location.line(), location.function_name()};
}

/// `src/store.cpp:42`, or nothing.
[[nodiscard]] inline std::string to_string(const call_site& site) {
  return site.file.empty() ? std::string{} : site.file + ':' + std::to_string(site.line);
}

}  // namespace querytap
