#pragma once

#include "fingerprint.hpp"
#include "keyword.hpp"
#include "simd16.hpp"
#include "spacing.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// How far text and hash have come: all that changes with every token, small enough to be kept in
/// registers, and a value that can be gone back to.
///
/// A token that does not fit is not written, nor is any after it; the hash goes on.
struct writer_state {
  char* at = nullptr;
  char* cut_at = nullptr;  ///< where a token did not fit; null while all do
  fingerprint hash;
  spacing last = spacing::begin;
  keyword previous = keyword::none;  ///< the keyword just before; none where there is another token
  bool is_blank_before_cut = false;

  /// Tokens that surely fit; of the longer ones as much as a chunk can be read.
  void put_short(const char* token, std::size_t size, spacing as) noexcept {
    char* const from = begin_token(as);
    simd16::load(token).store(from);
    at = from + size;
    last = as;
  }
  void put_short(char token, spacing as) noexcept {
    char* const from = begin_token(as);
    *from = token;
    at = from + 1;
    last = as;
  }

  /// Up to `limit`, a token of a text that ends at `end`.
  void put(std::string_view token, spacing as, char* limit, const char* end) noexcept {
    char* const from = begin_token(as);
    if (static_cast<std::ptrdiff_t>(token.size()) > limit - from) return cut(as, limit);
    copy_text(token, from, end);
    at = from + token.size();
    last = as;
  }
  void put(char token, spacing as, char* limit) noexcept {
    if (begin_token(as) >= limit) return cut(as, limit);
    put_short(token, as);
  }

 private:
  [[nodiscard]] char* begin_token(spacing as) const noexcept {
    *at = ' ';  // overwritten where no blank is needed
    return at + (needs_blank(last, as) ? 1 : 0);
  }
  /// Nothing fits from here on.
  void cut(spacing as, char* limit) noexcept {
    if (cut_at == nullptr) {
      cut_at = at;
      is_blank_before_cut = needs_blank(last, spacing::word);
      at = limit;
    }
    last = as;
  }
};

}  // namespace querytap::detail
