#include <querytap/decorators/sqlite/detail/statement_metrics.hpp>

#include <querytap/base/database_system.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <utility>

namespace querytap::sqlite::detail {
namespace {

counter counter_of_sqlite(querytap::recorder& telemetry, const instrument& instrument) {
  return telemetry.bind_counter(instrument, {{"db.system.name", database_systems::sqlite.name}});
}

counter counter_of_result(querytap::recorder& telemetry, const instrument& instrument,
                          std::string_view result) {
  return telemetry.bind_counter(
      instrument, {{"db.system.name", database_systems::sqlite.name}, {"querytap.result", result}});
}

std::uint32_t status_of(sqlite3_stmt* handle, int counter) noexcept {
  return static_cast<std::uint32_t>(sqlite3_stmt_status(handle, counter, 0));
}

}  // namespace

statement_metrics::statement_metrics(querytap::recorder& telemetry)
    : full_scan_steps{counter_of_sqlite(telemetry, catalog::sqlite_full_scan_steps)},
      sorts{counter_of_sqlite(telemetry, catalog::sqlite_sorts)},
      automatic_index_rows{counter_of_sqlite(telemetry, catalog::sqlite_automatic_index_rows)},
      vm_steps{counter_of_sqlite(telemetry, catalog::sqlite_vm_steps)},
      reprepares{counter_of_sqlite(telemetry, catalog::sqlite_reprepares)},
      filter_hits{counter_of_result(telemetry, catalog::sqlite_filter_lookups, "hit")},
      filter_misses{counter_of_result(telemetry, catalog::sqlite_filter_lookups, "miss")},
      cache_hits{counter_of_result(telemetry, catalog::statement_cache_lookups, "hit")},
      cache_misses{counter_of_result(telemetry, catalog::statement_cache_lookups, "miss")} {}

void statement_metrics::add(const statement_counters& counted) const noexcept {
  const auto add_to = [](const counter& metric, std::uint64_t amount) {
    if (amount != 0) metric.add(amount);
  };
  add_to(full_scan_steps, counted.full_scan_steps);
  add_to(sorts, counted.sorts);
  add_to(automatic_index_rows, counted.automatic_index_rows);
  add_to(vm_steps, counted.vm_steps);
  add_to(reprepares, counted.reprepares);
  add_to(filter_hits, counted.filter_hits);
  add_to(filter_misses, counted.filter_misses);
}

// A counter that is lower than before was reset by the application.
statement_counters counter_reader::take(sqlite3_stmt* handle) noexcept {
  const auto taken = [&](int counter) -> std::uint64_t {
    const std::uint32_t count = status_of(handle, counter);
    const std::uint32_t before = std::exchange(last_[static_cast<std::size_t>(counter)], count);
    return count >= before ? count - before : count;
  };
  return {.full_scan_steps = taken(SQLITE_STMTSTATUS_FULLSCAN_STEP),
          .sorts = taken(SQLITE_STMTSTATUS_SORT),
          .automatic_index_rows = taken(SQLITE_STMTSTATUS_AUTOINDEX),
          .vm_steps = taken(SQLITE_STMTSTATUS_VM_STEP),
          .reprepares = taken(SQLITE_STMTSTATUS_REPREPARE),
#ifdef SQLITE_STMTSTATUS_FILTER_HIT  // 3.38
          .filter_hits = taken(SQLITE_STMTSTATUS_FILTER_HIT),
          .filter_misses = taken(SQLITE_STMTSTATUS_FILTER_MISS)
#endif
  };
}

void add_means(querytap::detail::call_extras& extras, const statement_counters& counted,
               std::uint64_t runs) noexcept {
  extras.full_scan_steps = counted.full_scan_steps / runs;
  extras.sorts = counted.sorts / runs;
  extras.automatic_index_rows = counted.automatic_index_rows / runs;
  extras.vm_steps = counted.vm_steps / runs;
  extras.reprepares = counted.reprepares;
  extras.filter_hits = counted.filter_hits / runs;
  extras.filter_misses = counted.filter_misses / runs;
}

std::uint64_t memory_of(sqlite3_stmt* handle) noexcept {
  return status_of(handle, SQLITE_STMTSTATUS_MEMUSED);
}

statement_counters counters_of(sqlite3_stmt* handle) noexcept {
  if (handle == nullptr) return {};
  counter_reader since_compiled;
  statement_counters counted = since_compiled.take(handle);
  counted.runs = status_of(handle, SQLITE_STMTSTATUS_RUN);
  counted.memory = memory_of(handle);
  return counted;
}

}  // namespace querytap::sqlite::detail
