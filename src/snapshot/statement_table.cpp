#include <querytap/snapshot/statement_table.hpp>

#include "../base/saturating.hpp"

#include <querytap/snapshot/call_convention.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace querytap {
namespace {

// One for each statement of each kind of backend: its outcomes are series of their own.
struct statement_sums {
  using key = std::pair<std::string, std::uint64_t>;

  statement_row row;
  std::optional<histogram_data> duration;  // of all outcomes together

  static key key_of(const point& p) {
    return {system_of_call(p.series->labels),
            p.statement == nullptr ? 0 : p.statement->fingerprint};
  }

  void add_duration(const point& p) {
    row.statement = p.statement;
    row.calls += p.histogram->count();
    if (p.series->labels.find("error.type") != nullptr) row.errors += p.histogram->count();
    if (duration.has_value()) {
      duration->merge(*p.histogram);
    } else {
      duration = *p.histogram;
    }
  }

  statement_row take_row() {
    row.total = duration->to_unit(duration->sum());
    row.p50 = duration->quantile(0.5);
    row.p95 = duration->quantile(0.95);
    row.p99 = duration->quantile(0.99);
    return std::move(row);
  }
};

// With what statements that were retired have cost together, which is exported no more.
template <class Wanted>
std::vector<point> all_points_of(const snapshot& snapshot, Wanted is_wanted) {
  std::vector<point> points;
  for (const auto& metric : snapshot.metrics) {
    if (is_wanted(*metric->instrument))
      std::ranges::copy(metric->points, std::back_inserter(points));
  }
  std::ranges::copy_if(snapshot.retired, std::back_inserter(points),
                       [&](const point& p) { return is_wanted(*p.series->instrument); });
  return points;
}

bool is_returned_rows(const instrument& instrument) {
  return instrument.name == catalog::returned_rows.name;
}

statement_row overflow_row(const sketched_statement& sketched) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  statement_row row;
  row.system = sketched.system;
  row.statement = sketched.statement;
  row.calls = sketched.calls;
  row.total = static_cast<double>(sketched.nanoseconds) / 1e9;
  row.is_overflow = true;
  row.p50 = row.p95 = row.p99 = unknown;
  return row;
}

}  // namespace

std::vector<statement_row> statement_table(const snapshot& snapshot) {
  std::map<statement_sums::key, statement_sums> by_statement;
  for (const point& p : all_points_of(snapshot, is_call_duration)) {
    if (p.histogram == nullptr || p.histogram->count() == 0) continue;
    const statement_sums::key key = statement_sums::key_of(p);
    statement_sums& sums = by_statement[key];
    sums.row.system = key.first;
    sums.add_duration(p);
  }
  for (const point& p : all_points_of(snapshot, is_returned_rows)) {
    const auto found = by_statement.find(statement_sums::key_of(p));
    if (found == by_statement.end()) continue;
    std::uint64_t& rows = found->second.row.rows;
    if (p.histogram != nullptr) rows = detail::saturating_sum(rows, p.histogram->sum());
  }
  std::vector<statement_row> table;
  for (auto& [unused, sums] : by_statement) table.push_back(sums.take_row());
  for (const sketched_statement& sketched : snapshot.overflowed) {
    table.push_back(overflow_row(sketched));
  }
  std::stable_sort(table.begin(), table.end(), [](const statement_row& a, const statement_row& b) {
    return a.total > b.total;
  });
  return table;
}

}  // namespace querytap
