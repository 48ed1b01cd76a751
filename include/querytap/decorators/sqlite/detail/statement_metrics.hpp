#pragma once

#include <querytap/calls/detail/call_data.hpp>
#include <querytap/decorators/sqlite/statement_counters.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/detail/recorder_part.hpp>

#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace querytap {
class recorder;
}

namespace querytap::sqlite::detail {

/// The counters of all statements of a recorder.
///
/// Threads  any number at once.
struct statement_metrics final : querytap::detail::recorder_part {
  explicit statement_metrics(querytap::recorder& telemetry);

  void add(const statement_counters& counted) const noexcept;
  void release_idle(const querytap::detail::series_usage&) override {}  // few, and always the same

  counter full_scan_steps;
  counter sorts;
  counter automatic_index_rows;
  counter vm_steps;
  counter reprepares;
  counter filter_hits;
  counter filter_misses;
  counter cache_hits;
  counter cache_misses;
};

/// What SQLite has counted for a statement since the last look. SQLite's own counters are left as they
/// are, for the application to read and to reset.
///
/// Cost     some 20 ns for a look.
class counter_reader {
 public:
  /// Without memory and runs.
  [[nodiscard]] statement_counters take(sqlite3_stmt* handle) noexcept;

 private:
  std::array<std::uint32_t, 9> last_{};  // by SQLite's number of the counter
};

/// For the report of a call: the means over so many runs.
void add_means(querytap::detail::call_extras& extras, const statement_counters& counted,
               std::uint64_t runs) noexcept;

/// Bytes of a compiled statement.
[[nodiscard]] std::uint64_t memory_of(sqlite3_stmt* handle) noexcept;

/// All of them, since the statement was compiled.
[[nodiscard]] statement_counters counters_of(sqlite3_stmt* handle) noexcept;

}  // namespace querytap::sqlite::detail
