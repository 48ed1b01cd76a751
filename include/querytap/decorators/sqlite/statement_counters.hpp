#pragma once

#include <cstdint>

namespace querytap::sqlite {

/// What SQLite has counted for a statement since it was compiled: sqlite3_stmt_status().
///
///     if (search.counters().automatic_index_rows != 0) log("an index is missing", search.sql());
///
/// Units    counts, of 32 bits in SQLite: they begin anew at 2^32.
/// Source   sqlite.org/c3ref/c_stmtstatus_counter.html.
struct statement_counters {
  /// Of tables and of whole indexes. 0 says nothing: `count(*)`, ranges that hold all rows and virtual
  /// tables have no such step.
  std::uint64_t full_scan_steps = 0;
  std::uint64_t sorts = 0;                 ///< that no index spared
  std::uint64_t automatic_index_rows = 0;  ///< put into indexes that were thrown away again
  std::uint64_t vm_steps = 0;              ///< operations of SQLite's virtual machine
  std::uint64_t reprepares = 0;            ///< compiled anew, for the schema had changed
  std::uint64_t runs = 0;
  std::uint64_t filter_hits = 0;    ///< rows of a join that a Bloom filter could not exclude
  std::uint64_t filter_misses = 0;  ///< rows of a join that a Bloom filter spared
  std::uint64_t memory = 0;         ///< bytes that the compiled statement takes
};

}  // namespace querytap::sqlite
