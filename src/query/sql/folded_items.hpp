#pragma once

#include "../text/characters.hpp"
#include "lexer.hpp"
#include "normaliser.hpp"

namespace querytap::detail {

/// Goes over items of lists that would be folded, and so leave nothing in text and fingerprint.
///
/// Cost     each byte is read a bounded number of times.
class folded_items {
 public:
  explicit folded_items(const sql_lexer& lexer) noexcept
      : lexer_{lexer}, characters_{characters_of(lexer.rules())} {}

  /// From a comma past values: `, 2, 3` of `in (1, 2, 3)`. The comma itself if no value is behind it.
  [[nodiscard]] const char* past_values(const char* comma) const noexcept;

  /// From a comma past rows of values that are like the last row:
  /// `, (2, 'b'), (3, 'c')` of `values (1, 'a'), (2, 'b'), (3, 'c')`.
  [[nodiscard]] const char* past_rows(const char* comma,
                                      const sql_normaliser& normal) const noexcept;

 private:
  [[nodiscard]] const char* past_value(const char* at) const noexcept;
  [[nodiscard]] const char* past_blanks(const char* at) const noexcept {
    while (at != lexer_.end() && is_blank(*at)) ++at;
    return at;
  }

  const sql_lexer& lexer_;
  const character_table& characters_;
};

}  // namespace querytap::detail
