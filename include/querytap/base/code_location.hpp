#pragma once

#include <querytap/base/detail/features.hpp>

#if QUERYTAP_HAS_SOURCE_LOCATION
#include <source_location>
#else
#include <cstdint>
#endif

namespace querytap {

/// A line of the application as pointers to the compiler's texts, cheap enough for the hot path; a
/// report copies it into a call_site, which is a value.
#if QUERYTAP_HAS_SOURCE_LOCATION
using code_location = std::source_location;
#else
/// The same as std::source_location, for compilers that do not have it yet.
class code_location {
 public:
  [[nodiscard]] static constexpr code_location current(
      const char* file = __builtin_FILE(), const char* function = __builtin_FUNCTION(),
      std::uint32_t line = static_cast<std::uint32_t>(__builtin_LINE())) noexcept {
    code_location here;
    here.file_ = file;
    here.function_ = function;
    here.line_ = line;
    return here;
  }

  [[nodiscard]] constexpr const char* file_name() const noexcept { return file_; }
  [[nodiscard]] constexpr const char* function_name() const noexcept { return function_; }
  [[nodiscard]] constexpr std::uint32_t line() const noexcept { return line_; }

 private:
  const char* file_ = "";
  const char* function_ = "";
  std::uint32_t line_ = 0;
};
#endif

}  // namespace querytap
