#pragma once

#include <querytap/base/dialect.hpp>

#include <cstddef>
#include <cstdint>

namespace querytap::detail {

/// What is known of a setting of a server.
enum class setting : std::uint8_t { off, on, unknown };

/// Everything about a dialect of SQL that decides where its tokens begin and end.
struct sql_rules {
  dialect language = dialect::postgresql;
  setting backslash_escapes = setting::off;
  setting double_quoted_names = setting::on;

  /// How many different rules there are; each has an index of its own in tables.
  static constexpr std::size_t count = 27;

  [[nodiscard]] constexpr std::size_t index() const noexcept {
    return static_cast<std::size_t>(language) * 9 +
           static_cast<std::size_t>(backslash_escapes) * 3 +
           static_cast<std::size_t>(double_quoted_names);
  }
  [[nodiscard]] static constexpr sql_rules at(std::size_t index) noexcept {
    return {static_cast<dialect>(index / 9), static_cast<setting>(index / 3 % 3),
            static_cast<setting>(index % 3)};
  }

  [[nodiscard]] constexpr bool escapes() const noexcept { return backslash_escapes == setting::on; }
  /// Whether "x" surely is a name.
  [[nodiscard]] constexpr bool has_quoted_names() const noexcept {
    return double_quoted_names == setting::on;
  }
};

}  // namespace querytap::detail
