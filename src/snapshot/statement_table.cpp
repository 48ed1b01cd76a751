#include <querytap/snapshot/statement_table.hpp>

#include "../base/saturating.hpp"

#include <querytap/snapshot/call_convention.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace querytap {
namespace {

// One for each statement of each kind of backend: its outcomes are series of their own.
struct statement_sums {
  statement_row row;
  std::optional<histogram_data> duration;  // of all outcomes together

  void add_duration(const point& p) {
    row.statement = p.statement;
    row.calls += p.histogram->count();
    if (p.series->labels.find("error.type") != nullptr) row.errors += p.histogram->count();
    if (duration.has_value()) {
      duration->add_counts(*p.histogram);
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

/// The sums by system and fingerprint. Points of one series mostly follow each other, so that its system is looked for
/// once.
class statement_index {
 public:
  [[nodiscard]] statement_sums& at(const point& p) {
    const auto [place, fresh] = place_of_.try_emplace(key_of(p), sums_.size());
    if (fresh) sums_.emplace_back().row.system = systems_[last_system_];
    return sums_[place->second];
  }
  [[nodiscard]] statement_sums* find(const point& p) {
    const auto known = place_of_.find(key_of(p));
    return known == place_of_.end() ? nullptr : &sums_[known->second];
  }
  [[nodiscard]] std::vector<statement_sums>& sums() noexcept { return sums_; }

 private:
  using key = std::pair<std::size_t, std::uint64_t>;

  [[nodiscard]] key key_of(const point& p) {
    if (p.series.get() != last_series_) {
      last_series_ = p.series.get();
      std::string system = system_of_call(p.series->labels);
      last_system_ =
          static_cast<std::size_t>(std::ranges::find(systems_, system) - systems_.begin());
      if (last_system_ == systems_.size()) systems_.push_back(std::move(system));
    }
    return {last_system_, p.statement == nullptr ? 0 : p.statement->fingerprint};
  }

  absl::flat_hash_map<key, std::size_t> place_of_;
  std::vector<statement_sums> sums_;
  std::vector<std::string> systems_;
  const series_identity* last_series_ = nullptr;
  std::size_t last_system_ = 0;
};

// With what statements that were retired have cost together, which is exported no more.
template <class Wanted, class Visit>
void for_each_point(const snapshot& snapshot, Wanted is_wanted, Visit visit) {
  for (const auto& metric : snapshot.metrics) {
    if (is_wanted(*metric->instrument)) std::ranges::for_each(metric->points, visit);
  }
  for (const point& p : snapshot.retired) {
    if (is_wanted(*p.series->instrument)) visit(p);
  }
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

// Of equal ones always in the same order.
bool comes_before(const statement_row& a, const statement_row& b) {
  const auto fingerprint = [](const statement_row& row) {
    return row.statement == nullptr ? 0 : row.statement->fingerprint;
  };
  if (a.total != b.total) return a.total > b.total;
  return std::tuple{a.is_overflow, std::string_view{a.system}, fingerprint(a)} <
         std::tuple{b.is_overflow, std::string_view{b.system}, fingerprint(b)};
}

}  // namespace

std::vector<statement_row> statement_table(const snapshot& snapshot) {
  statement_index index;
  for_each_point(snapshot, is_call_duration, [&](const point& p) {
    if (p.histogram != nullptr && p.histogram->count() != 0) index.at(p).add_duration(p);
  });
  for_each_point(snapshot, is_returned_rows, [&](const point& p) {
    statement_sums* known = p.histogram == nullptr ? nullptr : index.find(p);
    if (known != nullptr)
      known->row.rows = detail::saturating_sum(known->row.rows, p.histogram->sum());
  });
  std::vector<statement_row> table;
  table.reserve(index.sums().size() + snapshot.overflowed.size());
  for (statement_sums& sums : index.sums()) table.push_back(sums.take_row());
  for (const sketched_statement& sketched : snapshot.overflowed) {
    table.push_back(overflow_row(sketched));
  }
  std::ranges::sort(table, comes_before);
  return table;
}

}  // namespace querytap
