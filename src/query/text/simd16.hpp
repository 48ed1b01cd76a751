#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace querytap::detail {

/// Sixteen bytes of text, tested all at once.
///
/// Sets of positions are bits, the first byte lowest.
#if defined(__SSE2__)
class simd16 {
 public:
  static constexpr std::size_t size = 16;

  [[nodiscard]] static simd16 load(const char* from) noexcept {
    return simd16{_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))};
  }
  void store(char* into) const noexcept {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(into), bytes_);
  }

  [[nodiscard]] unsigned equal_to(char c) const noexcept {
    return bits(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8(c)));
  }

  /// Letters, digits, `_` and all beyond ASCII.
  [[nodiscard]] unsigned name_parts() const noexcept {
    const __m128i letters = between(_mm_or_si128(bytes_, _mm_set1_epi8(0x20)), 'a', 26);
    const __m128i digits = between(bytes_, '0', 10);
    const __m128i others = _mm_or_si128(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8('_')), bytes_);
    return bits(_mm_or_si128(_mm_or_si128(letters, digits), others));
  }

 private:
  explicit simd16(__m128i bytes) noexcept : bytes_{bytes} {}

  [[nodiscard]] static unsigned bits(__m128i matches) noexcept {
    return static_cast<unsigned>(_mm_movemask_epi8(matches));
  }
  // There is no unsigned comparison: both sides are shifted to the lower end of the signed range.
  [[nodiscard]] static __m128i between(__m128i bytes, char first, int count) noexcept {
    const __m128i shifted = _mm_sub_epi8(bytes, _mm_set1_epi8(static_cast<char>(first + 128)));
    return _mm_cmplt_epi8(shifted, _mm_set1_epi8(static_cast<char>(count - 128)));
  }

  __m128i bytes_;
};
#else
class simd16 {
 public:
  static constexpr std::size_t size = 16;

  [[nodiscard]] static simd16 load(const char* from) noexcept {
    simd16 loaded;
    std::memcpy(loaded.bytes_, from, size);
    return loaded;
  }
  void store(char* into) const noexcept { std::memcpy(into, bytes_, size); }

  [[nodiscard]] unsigned equal_to(char c) const noexcept {
    return bits([c](char byte) { return byte == c; });
  }
  [[nodiscard]] unsigned name_parts() const noexcept {
    return bits([](char c) {
      const char letter = static_cast<char>(c | 0x20);
      return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
             (static_cast<unsigned char>(c) & 0x80) != 0;
    });
  }

 private:
  template <class Predicate>
  [[nodiscard]] unsigned bits(Predicate matches) const noexcept {
    unsigned set = 0;
    for (std::size_t i = 0; i < size; ++i) set |= (matches(bytes_[i]) ? 1u : 0u) << i;
    return set;
  }

  char bytes_[size];
};
#endif

/// The bytes of the text before `end`, and zeros behind them.
[[nodiscard]] inline simd16 load_before(const char* from, const char* end) noexcept {
  if (static_cast<std::size_t>(end - from) >= simd16::size) return simd16::load(from);
  char padded[simd16::size] = {};
  std::memcpy(padded, from, static_cast<std::size_t>(end - from));
  return simd16::load(padded);
}

/// `memcpy`, without the call for as few bytes as most tokens have. Up to sixteen bytes may be
/// read, but not beyond `end`, and up to sixteen written.
inline void copy_text(std::string_view from, char* into, const char* end) noexcept {
  if (from.size() <= simd16::size && end - from.data() >= std::ptrdiff_t{simd16::size}) [[likely]] {
    simd16::load(from.data()).store(into);
  } else {
    std::memcpy(into, from.data(), from.size());
  }
}

/// The next place of `wanted`, or null.
[[nodiscard]] inline const char* find_byte(const char* at, const char* end, char wanted) noexcept {
  if (static_cast<std::size_t>(end - at) < simd16::size) {
    const char* found = std::find(at, end, wanted);
    return found == end ? nullptr : found;
  }
  const char* const last = end - simd16::size;  // overlaps the sixteen bytes before
  for (;; at = std::min(at + simd16::size, last)) {
    const unsigned found = simd16::load(at).equal_to(wanted);
    if (found != 0) return at + std::countr_zero(found);
    if (at == last) return nullptr;
  }
}

}  // namespace querytap::detail
