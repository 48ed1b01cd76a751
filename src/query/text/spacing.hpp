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

/// A set of spacings, one bit for each.
using spacings = std::uint16_t;

template <class... Spacings>
constexpr spacings spacings_of(Spacings... kinds) noexcept {
  return static_cast<spacings>((0u | ... | (1u << static_cast<unsigned>(kinds))));
}

constexpr bool has_spacing(spacings set, spacing kind) noexcept {
  return (set >> static_cast<unsigned>(kind) & 1) != 0;
}

/// For each spacing, those that may stand before it without a blank. No two tokens become a third
/// one that way.
constexpr std::array<spacings, count_of_spacings> make_glued() noexcept {
  using enum spacing;
  constexpr spacings opening = spacings_of(begin, open, open_bracket);
  constexpr spacings name = opening | spacings_of(dot, cast);
  constexpr spacings dotted =
      opening | spacings_of(word, spacing::keyword, operand_keyword, value, close);
  return {
      opening,                                    // begin
      name,                                       // word
      name,                                       // keyword
      name,                                       // operand_keyword
      name,                                       // value
      opening | spacings_of(word),                // open
      opening | spacings_of(word, value, close),  // open_bracket
      spacings{0xFFFF},                           // close
      spacings{0xFFFF},                           // separator
      dotted,                                     // dot
      opening | spacings_of(word, value, close),  // cast
      opening | spacings_of(dot),                 // star
      opening,                                    // operation
  };
}

inline constexpr std::array<spacings, count_of_spacings> glued_spacings = make_glued();

[[nodiscard]] constexpr bool needs_blank(spacing before, spacing after) noexcept {
  return !has_spacing(glued_spacings[static_cast<std::size_t>(after)], before);
}

/// Behind these stands an operand, not an operator.
inline constexpr spacings spacings_before_operand =
    spacings_of(spacing::begin, spacing::operand_keyword, spacing::open, spacing::open_bracket,
                spacing::separator, spacing::cast, spacing::star, spacing::operation);

}  // namespace querytap::detail
