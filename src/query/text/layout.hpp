#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {

/// What a token is to its neighbours in a text.
enum class layout : std::uint8_t {
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

inline constexpr std::size_t count_of_layouts = 13;

/// A set of layouts, one bit for each.
using layouts = std::uint16_t;

template <class... Layouts>
constexpr layouts any_of(Layouts... all) noexcept {
  return static_cast<layouts>((0u | ... | (1u << static_cast<unsigned>(all))));
}

constexpr bool is_in(layouts set, layout one) noexcept {
  return (set >> static_cast<unsigned>(one) & 1) != 0;
}

/// Of each layout, what may stand before it without a blank. No two tokens become another one that
/// way.
constexpr std::array<layouts, count_of_layouts> make_glued() noexcept {
  using enum layout;
  constexpr layouts opening = any_of(begin, open, open_bracket);
  constexpr layouts name = opening | any_of(dot, cast);
  constexpr layouts dotted = opening | any_of(word, layout::keyword, operand_keyword, value, close);
  return {
      opening,                               // begin
      name,                                  // word
      name,                                  // keyword
      name,                                  // operand_keyword
      name,                                  // value
      opening | any_of(word),                // open
      opening | any_of(word, value, close),  // open_bracket
      layouts{0xFFFF},                       // close
      layouts{0xFFFF},                       // separator
      dotted,                                // dot
      opening | any_of(word, value, close),  // cast
      opening | any_of(dot),                 // star
      opening,                               // operation
  };
}

inline constexpr std::array<layouts, count_of_layouts> glued = make_glued();

[[nodiscard]] constexpr bool needs_blank(layout before, layout after) noexcept {
  return !is_in(glued[static_cast<std::size_t>(after)], before);
}

/// Behind these an operand stands, not an operator.
inline constexpr layouts before_operand =
    any_of(layout::begin, layout::operand_keyword, layout::open, layout::open_bracket,
           layout::separator, layout::cast, layout::star, layout::operation);

}  // namespace querytap::detail
