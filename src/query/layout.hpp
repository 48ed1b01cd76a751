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

/// A set of layouts, one bit for each.
using layouts = std::uint16_t;

template <class... Layouts>
constexpr layouts any_of(Layouts... all) noexcept {
  return static_cast<layouts>((0u | ... | (1u << static_cast<unsigned>(all))));
}

constexpr std::array<layouts, 12> make_glued() noexcept {
  using enum layout;
  const auto with = [](auto... more) { return any_of(close, separator, more...); };
  return {
      layouts{0xFFFF},                           // begin
      with(open, open_bracket, dot, cast),       // word
      with(dot),                                 // keyword
      with(open_bracket, dot, cast),             // value
      layouts{0xFFFF},                           // open
      layouts{0xFFFF},                           // open_bracket
      with(open_bracket, dot, cast),             // close
      with(),                                    // separator
      with(word, layout::keyword, value, star),  // dot
      with(word, layout::keyword, value),        // cast
      with(),                                    // star
      with(),                                    // operation
  };
}

/// Of each layout, what may follow it without a blank. No two tokens become another one that way.
inline constexpr std::array<layouts, 12> glued = make_glued();

[[nodiscard]] constexpr bool needs_blank(layout before, layout after) noexcept {
  return (glued[static_cast<std::size_t>(before)] >> static_cast<unsigned>(after) & 1) == 0;
}

}  // namespace querytap::detail
