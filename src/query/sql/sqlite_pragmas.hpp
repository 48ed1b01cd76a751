#pragma once

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// What the value of a pragma of SQLite is, by the pragma's name.
enum class pragma_value : std::uint8_t {
  setting,  ///< a number or a word, or anything at all
  name,     ///< a table or an index
  secret,   ///< a key of an extension that encrypts
};

[[nodiscard]] pragma_value value_of_pragma(std::string_view name) noexcept;

/// Whether a bare word is one of the values that SQLite gives a meaning to, as WAL or OFF; every
/// other word is taken for a string.
[[nodiscard]] bool is_pragma_word(std::string_view word) noexcept;

}  // namespace querytap::detail
