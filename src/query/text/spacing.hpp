#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {

/// What a token is to its neighbours in a text.
enum class spacing : std::uint8_t {
  begin,
  word,
  keyword,
  operand_keyword,  ///< a sign after it belongs to a number, it does not subtract
  value,
  open,
  open_bracket,
  close,
  separator,
  dot,
  cast,
  star,
  operation,
};

inline constexpr std::size_t count_of_spacings = 13;

/// A set of layouts, one bit for each.
using spacings = std::uint16_t;

template <class... Layouts>
constexpr spacings any_of(Layouts... all) noexcept {
  return static_cast<spacings>((0u | ... | (1u << static_cast<unsigned>(all))));
}

constexpr bool is_in(spacings set, spacing one) noexcept {
  return (set >> static_cast<unsigned>(one) & 1) != 0;
}

/// Of each layout, what may stand before it without a blank. No two tokens become another one that
/// way.
constexpr std::array<spacings, count_of_spacings> make_glued() noexcept {
  using enum spacing;
  constexpr spacings opening = any_of(begin, open, open_bracket);
  constexpr spacings name = opening | any_of(dot, cast);
  constexpr spacings dotted =
      opening | any_of(word, spacing::keyword, operand_keyword, value, close);
  return {
      opening,                               // begin
      name,                                  // word
      name,                                  // keyword
      name,                                  // operand_keyword
      name,                                  // value
      opening | any_of(word),                // open
      opening | any_of(word, value, close),  // open_bracket
      spacings{0xFFFF},                      // close
      spacings{0xFFFF},                      // separator
      dotted,                                // dot
      opening | any_of(word, value, close),  // cast
      opening | any_of(dot),                 // star
      opening,                               // operation
  };
}

inline constexpr std::array<spacings, count_of_spacings> glued = make_glued();

[[nodiscard]] constexpr bool needs_blank(spacing before, spacing after) noexcept {
  return !is_in(glued[static_cast<std::size_t>(after)], before);
}

/// Behind these an operand stands, not an operator.
inline constexpr spacings before_operand =
    any_of(spacing::begin, spacing::operand_keyword, spacing::open, spacing::open_bracket,
           spacing::separator, spacing::cast, spacing::star, spacing::operation);

}  // namespace querytap::detail
