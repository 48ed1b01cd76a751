#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace querytap::detail {

struct unfolded_digest {
  std::string text = {};  ///< a statement whose identity is that of the application's
  /// False: the digest does not tell how many values there were, or which, and the text has a guess.
  bool is_certain = true;
};

/// The statement behind a digest of performance_schema: `VALUES (...)` has as many values as there are columns,
/// `- ?` is a value, `SQL_TSI_DAY` was written as DAY. Names stay in backquotes, which change no identity.
///
/// The server prints one name for all words that mean the same to it; the usual one is taken, so that a
/// statement with MID instead of SUBSTRING is not found.
[[nodiscard]] unfolded_digest unfold_digest(std::string_view digest_text);

/// Whether the digest may lack its end: the server keeps `limit` bytes of tokens, and does not mark the cut.
[[nodiscard]] bool may_be_cut_off(std::string_view digest_text, std::size_t limit);

}  // namespace querytap::detail
