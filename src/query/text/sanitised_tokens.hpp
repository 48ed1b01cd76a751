#pragma once

#include <querytap/base/dialect.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// A token of a text that `identify` has written: no comments, no literals.
struct sql_token {
  enum class sort : std::uint8_t {
    word,
    quoted,  ///< a name in quotes, these included
    value,   ///< `?` or `$1`; in PostgreSQL `?` may also be an operator
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

  /// Whether the token is this keyword, in any case.
  [[nodiscard]] bool is(std::string_view keyword) const noexcept;
  [[nodiscard]] bool is_name() const noexcept { return kind == sort::word || kind == sort::quoted; }
};

/// Whether two texts are equal except for the case of their letters, as SQL compares keywords and
/// plain names.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b) noexcept;

/// The tokens of a sanitised text. They point into it.
[[nodiscard]] std::vector<sql_token> sanitised_tokens(std::string_view text, dialect dialect);

using token_span = std::span<const sql_token>;

/// Behind the bracket that closes the one at `open_at`.
[[nodiscard]] std::size_t past_brackets(token_span text, std::size_t open_at) noexcept;

}  // namespace querytap::detail
