#pragma once

#include "fingerprint.hpp"
#include "keyword.hpp"
#include "simd16.hpp"
#include "spacing.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// The part of the state that short tokens change: small enough to be held in registers.
struct short_writer {
  char* at = nullptr;
  fingerprint_state hash;
  spacing last = spacing::begin;
  keyword previous = keyword::none;  ///< the keyword just before; none after any other token

  /// For tokens that surely fit; sixteen bytes must be readable at `token`.
  void put_short(const char* token, std::size_t size, spacing as) noexcept {
    char* const begin = begin_token(as);
    simd16::load(token).store(begin);
    at = begin + size;
    last = as;
  }
  void put_short(char token, spacing as) noexcept {
    char* const begin = begin_token(as);
    *begin = token;
    at = begin + 1;
    last = as;
  }

 protected:
  [[nodiscard]] char* begin_token(spacing as) const noexcept {
    *at = ' ';  // overwritten where no blank is needed
    return at + blanks_between(last, as);
  }
};

/// The state of text and hash after a token: a value that can be restored, which takes back what was
/// written since.
///
/// A token that does not fit is not written, nor is any token after it; the hash still covers them.
struct writer_state : short_writer {
  char* cut_at = nullptr;  ///< place of the first token that did not fit; null while all do
  bool is_blank_before_cut = false;

  /// Writes up to `limit` a token of a text that ends at `end`.
  void put(std::string_view token, spacing as, char* limit, const char* end) noexcept {
    char* const begin = begin_token(as);
    if (static_cast<std::ptrdiff_t>(token.size()) > limit - begin) return cut(as, limit);
    copy_text(token, begin, end);
    at = begin + token.size();
    last = as;
  }
  void put(char token, spacing as, char* limit) noexcept {
    if (begin_token(as) >= limit) return cut(as, limit);
    put_short(token, as);
  }

 private:
  /// From here on, no token is written.
  void cut(spacing as, char* limit) noexcept {
    if (cut_at == nullptr) {
      cut_at = at;
      is_blank_before_cut = blanks_between(last, spacing::word) != 0;
      at = limit;
    }
    last = as;
  }
};

}  // namespace querytap::detail
