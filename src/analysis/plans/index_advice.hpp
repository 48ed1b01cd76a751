#pragma once

#include "condition.hpp"

#include <querytap/analysis/plans/server_facts.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// An index that would serve some tests of a table's columns.
struct advised_index {
  std::vector<std::string> columns = {};  ///< as a statement writes them; empty: none would serve
  bool is_inverted = false;               ///< GIN, for what documents and arrays contain
};

/// Equal ones first, in the order of the tests, then one range: an index serves no more than that.
[[nodiscard]] advised_index advise(const std::vector<column_test>& tests, const table_facts& of);

/// The index that is there already and begins with one of these columns; null where there is none.
[[nodiscard]] const index_facts* existing_index(const advised_index& like, const table_facts& of);

/// The statement that makes it, in the words of that system.
[[nodiscard]] std::string create_statement(std::string_view system, const std::string& table,
                                           const advised_index& index);

/// Whether the names are the same to SQL: case counts in quotes alone.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);

}  // namespace querytap::detail
