#pragma once

#include <string>
#include <vector>

namespace querytap {

struct index_facts {
  std::string name = {};
  std::string method = {};                ///< "btree" where the server names no other
  std::vector<std::string> columns = {};  ///< in order; empty text for an expression
  bool is_partial = false;                ///< it has a condition, and does not cover all rows
  std::string condition = {};             ///< of a partial index, without literals
  std::string expressions = {};  ///< those that it holds instead of columns, without literals
};

/// How the values of a column are spread.
struct column_values {
  std::string column = {};   ///< as a statement would write it
  double distinct = 0;       ///< how many there are; 0: not known
  double largest_share = 0;  ///< of the rows that have the most common value; 0: none is common
};

/// What a server knows of one table that a plan reads.
struct table_facts {
  std::string name = {};                   ///< as the plan names it
  double rows = 0;                         ///< as the server estimates; 0: not known
  double bytes = 0;                        ///< 0: not known
  std::vector<std::string> columns = {};   ///< as a statement would write them, quoted where needed
  std::vector<index_facts> indexes = {};   ///< usable indexes only
  std::vector<column_values> values = {};  ///< of those columns for which the server knows it
  std::string partition_of = {};   ///< the partitioned table; empty: the table is no partition
  std::string partition_key = {};  ///< `RANGE (made_at)`, if it is a partition
};

/// What a server knows beside a plan, as evidence for findings about the plan.
///
/// Threads  a plain value.
struct server_facts {
  std::vector<table_facts> tables = {};
  double sort_memory = 0;  ///< bytes that one sort may take before it spills; 0: not known
  double hash_memory = 0;  ///< the same for a hash

  /// Null where nothing is known of that table.
  [[nodiscard]] const table_facts* find(const std::string& name) const noexcept {
    for (const table_facts& table : tables) {
      if (table.name == name) return &table;
    }
    return nullptr;
  }
};

}  // namespace querytap
