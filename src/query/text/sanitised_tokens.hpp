#pragma once

#include <querytap/base/dialect.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// A token of a text that `identify` has written: no comments, no literals.
struct sql_token {
  enum class sort : std::uint8_t {
    word,
    quoted,  ///< a name in quotes, these included
    value,   ///< `?` or `$1`; in PostgreSQL `?` may be an operator all the same
    open,
    close,
    comma,
    dot,
    cast,
    operation,
    other,
  };

  sort kind = sort::other;
  std::string_view text = {};

  /// Whether it is this keyword, which is given in small letters.
  [[nodiscard]] bool is(std::string_view keyword) const noexcept;
  [[nodiscard]] bool is_name() const noexcept { return kind == sort::word || kind == sort::quoted; }
};

/// Equal but for the case of their letters, as keywords and plain names are to SQL.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b) noexcept;

/// The tokens of a sanitised text, which they point into.
[[nodiscard]] std::vector<sql_token> sanitised_tokens(std::string_view text, dialect rules);

}  // namespace querytap::detail
