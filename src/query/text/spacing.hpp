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

/// How many blanks stand between two tokens, by the second and then the first.
constexpr auto make_blanks() noexcept {
  std::array<std::array<std::uint8_t, count_of_spacings>, count_of_spacings> blanks{};
  constexpr auto glued = make_glued();
  for (std::size_t after = 0; after < count_of_spacings; ++after) {
    for (std::size_t before = 0; before < count_of_spacings; ++before) {
      blanks[after][before] = has_spacing(glued[after], static_cast<spacing>(before)) ? 0 : 1;
    }
  }
  return blanks;
}

inline constexpr auto blanks = make_blanks();

[[nodiscard]] constexpr std::size_t blanks_between(spacing before, spacing after) noexcept {
  return blanks[static_cast<std::size_t>(after)][static_cast<std::size_t>(before)];
}

/// Behind these stands an operand, not an operator.
inline constexpr spacings spacings_before_operand =
    spacings_of(spacing::begin, spacing::operand_keyword, spacing::open, spacing::open_bracket,
                spacing::separator, spacing::cast, spacing::star, spacing::operation);

}  // namespace querytap::detail
