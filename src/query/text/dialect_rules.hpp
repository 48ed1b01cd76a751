#pragma once

#include <querytap/base/dialect.hpp>

#include <cstddef>

namespace querytap::detail {

/// Everything about a dialect of SQL that decides where its tokens begin and end.
struct sql_rules {
  dialect language = dialect::postgresql;
  bool backslash_escapes = false;
  bool double_quoted_names = true;

  /// How many different rules there are; each has an index of its own in tables.
  static constexpr std::size_t count = 12;

  [[nodiscard]] constexpr std::size_t index() const noexcept {
    return static_cast<std::size_t>(language) * 4 + (backslash_escapes ? 2u : 0u) +
           (double_quoted_names ? 1u : 0u);
  }
  [[nodiscard]] static constexpr sql_rules at(std::size_t index) noexcept {
    return {static_cast<dialect>(index / 4), (index & 2) != 0, (index & 1) != 0};
  }
};

}  // namespace querytap::detail
