#pragma once

#include <querytap/base/detail/features.hpp>

#include <cstdint>
#include <cstring>

#if QUERYTAP_HAS_SOURCE_LOCATION
#include <source_location>
#endif

namespace querytap {

namespace detail {

/// What a compiler writes into the program for a line of code, with the members of
/// `std::source_location` of libstdc++ and libc++, in their order.
struct line_of_code {
  const char* file;
  const char* function;
  std::uint32_t line;
  std::uint32_t column;
};

inline constexpr line_of_code no_line{"", "", 0, 0};

/// The one copy of such a line; `no_line` once there are 4,096 others.
[[nodiscard]] const line_of_code& find_or_make_line(const char* file, std::uint32_t line,
                                                    const char* function) noexcept;

}  // namespace detail

/// A line of the application as one pointer to what the compiler knows of it, cheap enough for the
/// hot path; a report copies it into a call_site, which is a value.
///
///     operation call{search};                                    // this line, by a default argument
///     operation same{search, code_location::current()};          // as well
///
/// One type for every compiler, whether it has std::source_location or not, so that an application
/// may be compiled by another one than the library.
///
/// Cost     current() costs nothing with a compiler that has std::source_location; with others, such as
///          clang 14, and for a line given as values, a look into a table of those seen before.
/// Lifetime the pointer is good until the program or plugin with that line is unloaded.
class code_location {
 public:
  /// No line.
  constexpr code_location() noexcept = default;
  /// The texts must live as long as the program.
  code_location(const char* file, std::uint32_t line, const char* function) noexcept
      : known_{&detail::find_or_make_line(file, line, function)} {}

#if QUERYTAP_HAS_SOURCE_LOCATION
  code_location(const std::source_location& site) noexcept
      : code_location{site.file_name(), site.line(), site.function_name()} {}

  /// The argument is left out.
  [[nodiscard]] static constexpr code_location current(
      const void* known = __builtin_source_location()) noexcept {
    code_location site;
    site.known_ = known;
    return site;
  }
#else
  [[nodiscard]] static code_location current(
      const char* file = __builtin_FILE(), const char* function = __builtin_FUNCTION(),
      std::uint32_t line = static_cast<std::uint32_t>(__builtin_LINE())) noexcept {
    return {file, line, function};
  }
#endif

  [[nodiscard]] const char* file_name() const noexcept { return content().file; }
  [[nodiscard]] const char* function_name() const noexcept { return content().function; }
  [[nodiscard]] std::uint32_t line() const noexcept { return content().line; }

  /// For a place that only holds a pointer: an atomic one, say.
  [[nodiscard]] const void* pointer() const noexcept { return known_; }
  [[nodiscard]] static code_location at(const void* pointer) noexcept {
    code_location site;
    if (pointer != nullptr) site.known_ = pointer;
    return site;
  }

 private:
  // A copy: the compiler's own object has another type.
  [[nodiscard]] detail::line_of_code content() const noexcept {
    detail::line_of_code copy;
    std::memcpy(&copy, known_, sizeof copy);
    return copy;
  }

  const void* known_ = &detail::no_line;
};

}  // namespace querytap
