#pragma once

#include "condition.hpp"

#include <querytap/analysis/plans/server_facts.hpp>
#include <querytap/base/database_system.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// An index that would serve some tests of a table's columns.
struct advised_index {
  std::vector<std::string> columns = {};  ///< as a statement writes them; empty: none would serve
  bool is_inverted = false;               ///< GIN, for what documents and arrays contain
};

/// Columns of equality tests first, in the order of the tests, then one range: an index serves no
/// more than that.
[[nodiscard]] advised_index advise_index(const std::vector<column_test>& tests,
                                         const table_facts& table);

/// An existing index that begins with one of the advised columns; null where there is none.
[[nodiscard]] const index_facts* existing_index(const advised_index& advised,
                                                const table_facts& table);

/// The statement that creates the index, as that system takes it; on all partitions, if the table is one
/// of them.
[[nodiscard]] std::string create_index_statement(const database_system& system,
                                                 const table_facts& table,
                                                 const advised_index& index);

/// After a cast to one of these types, values still compare as the text that they are: an index on the
/// column itself serves the test. True where there is no cast.
[[nodiscard]] bool cast_keeps_order(std::string_view type);

/// Whether two names, in quotes or not, are the same except for the case of their letters.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);

}  // namespace querytap::detail
