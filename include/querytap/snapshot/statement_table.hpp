#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace querytap {

/// What one statement of one backend has cost, over all its outcomes.
///
/// Units    seconds.
struct statement_row {
  std::string system;  ///< `db.system.name`
  /// Null for the rest: what statements past the series limit, and retired ones, have cost together.
  std::shared_ptr<const statement_identity> statement;
  std::uint64_t calls = 0;
  std::uint64_t errors = 0;
  std::uint64_t rows = 0;  ///< returned in all
  double total = 0;
  /// Past the series limit: `calls` and `total` are lower bounds, and are also part of the row
  /// without a statement.
  bool is_overflow = false;
  double p50 = 0;  ///< the quantiles of an overflowing statement are not a number
  double p95 = 0;
  double p99 = 0;
};

/// The statements of a snapshot by total time, largest first.
///
///     for (const statement_row& row : statement_table(recorder.collect())) …
///     for (const statement_row& row : statement_table(recent(recorder.collect(), 1min))) …
[[nodiscard]] std::vector<statement_row> statement_table(const snapshot& snapshot);

}  // namespace querytap
