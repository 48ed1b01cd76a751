#pragma once

#include <cstdint>
#include <string>

namespace querytap {

/// The line of the application that made a call.
struct call_site {
  std::string file = {};  ///< as the compiler was given it; empty: not known
  std::uint32_t line = 0;
  std::string function = {};

  friend bool operator==(const call_site&, const call_site&) = default;
};

/// `src/store.cpp:42`, or nothing.
[[nodiscard]] inline std::string to_string(const call_site& where) {
  return where.file.empty() ? std::string{} : where.file + ':' + std::to_string(where.line);
}

}  // namespace querytap
