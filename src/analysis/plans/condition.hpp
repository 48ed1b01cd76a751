#pragma once

#include "../../query/text/sanitised_tokens.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// A test of one column, as an index could serve it.
struct column_test {
  enum class sort : std::uint8_t {
    equal,     ///< to a value, one of several, or NULL
    range,     ///< <, <=, >, >=, BETWEEN
    pattern,   ///< LIKE and its kin
    contains,  ///< of documents, arrays and text search
  };

  sort how = sort::equal;
  std::string_view qualifier = {};  ///< the table or its alias, empty where none is written
  std::string_view column = {};     ///< as it is written, with its quotes
  std::string_view cast_to = {};    ///< the type that it is converted to before it is compared
  bool is_join = false;             ///< with another table's column rather than with a value
  bool is_list = false;             ///< with one of several values, as in IN and ANY
  std::size_t values = 0;           ///< how many it is compared with whose values are not known
};

/// The tests that every row passes which the condition lets through: those joined by AND alone.
/// Only tests of a bare column count.
[[nodiscard]] std::vector<column_test> tests_of(token_span condition);

/// How many values there are in the text that are not known.
[[nodiscard]] std::size_t count_of_values(token_span text) noexcept;

}  // namespace querytap::detail
