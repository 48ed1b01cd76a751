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
};

/// The tests that every row passes which the condition lets through: those joined by AND alone.
/// Only tests of a bare column count.
[[nodiscard]] std::vector<column_test> tests_of(token_span condition);

}  // namespace querytap::detail
