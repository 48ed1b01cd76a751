#pragma once

#include <querytap/base/detail/features.hpp>

#include <cstdint>

#if QUERYTAP_HAS_SOURCE_LOCATION
#include <source_location>
#endif

namespace querytap {

/// A line of the application as pointers to the compiler's texts, cheap enough for the hot path; a
/// report copies it into a call_site, which is a value.
///
///     operation call{search};                                    // this line, by a default argument
///     operation same{search, code_location::current()};          // as well
///
/// One type for every compiler, whether it has std::source_location or not, so that an application may be
/// compiled by another one than the library.
class code_location {
 public:
  /// No line.
  constexpr code_location() noexcept = default;
  constexpr code_location(const char* file, std::uint32_t line, const char* function) noexcept
      : file_{file}, function_{function}, line_{line} {}

#if QUERYTAP_HAS_SOURCE_LOCATION
  constexpr code_location(const std::source_location& site) noexcept
      : code_location{site.file_name(), site.line(), site.function_name()} {}

  [[nodiscard]] static constexpr code_location current(
      const std::source_location& site = std::source_location::current()) noexcept {
    return site;
  }
#else
  [[nodiscard]] static constexpr code_location current(
      const char* file = __builtin_FILE(), const char* function = __builtin_FUNCTION(),
      std::uint32_t line = static_cast<std::uint32_t>(__builtin_LINE())) noexcept {
    return {file, line, function};
  }
#endif

  [[nodiscard]] constexpr const char* file_name() const noexcept { return file_; }
  [[nodiscard]] constexpr const char* function_name() const noexcept { return function_; }
  [[nodiscard]] constexpr std::uint32_t line() const noexcept { return line_; }

 private:
  const char* file_ = "";
  const char* function_ = "";
  std::uint32_t line_ = 0;
};

}  // namespace querytap
