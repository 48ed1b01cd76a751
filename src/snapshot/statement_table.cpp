#include <querytap/snapshot/statement_table.hpp>

#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace querytap {
namespace {

struct gathered {
  statement_row row;
  std::optional<histogram_data> duration;  // of all outcomes together
};

// One row for each statement of each kind of backend: outcomes have series of their own.
using key = std::pair<std::string, std::uint64_t>;

std::string text_of(const point& p, std::string_view attribute) {
  const attribute_value* value = p.series->labels.find(attribute);
  return value == nullptr ? std::string{} : to_string(*value);
}

key key_of(const point& p) {
  return {text_of(p, "db.system.name"), p.statement == nullptr ? 0 : p.statement->fingerprint};
}

void add_duration(gathered& to, const point& p) {
  to.row.statement = p.statement;
  to.row.calls += p.histogram->count();
  if (p.series->labels.find("error.type") != nullptr) to.row.errors += p.histogram->count();
  if (to.duration.has_value()) {
    to.duration->merge(*p.histogram);
  } else {
    to.duration = *p.histogram;
  }
}

statement_row finished(gathered& from) {
  statement_row& row = from.row;
  row.total = from.duration->to_unit(from.duration->sum());
  row.p50 = from.duration->quantile(0.5);
  row.p95 = from.duration->quantile(0.95);
  row.p99 = from.duration->quantile(0.99);
  return std::move(row);
}

statement_row row_of(const sketched_statement& from) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  statement_row row;
  row.system = from.system;
  row.statement = from.statement;
  row.calls = from.calls;
  row.total = static_cast<double>(from.nanoseconds) / 1e9;
  row.is_overflow = true;
  row.p50 = row.p95 = row.p99 = unknown;
  return row;
}

}  // namespace

std::vector<statement_row> statement_table(const snapshot& from) {
  std::map<key, gathered> by_statement;
  for (const point& p : from.find(catalog::operation_duration.name)) {
    if (p.histogram->count() == 0) continue;
    gathered& to = by_statement[key_of(p)];
    to.row.system = key_of(p).first;
    add_duration(to, p);
  }
  for (const point& p : from.find(catalog::returned_rows.name)) {
    const auto to = by_statement.find(key_of(p));
    if (to != by_statement.end()) to->second.row.rows += p.histogram->sum();
  }
  std::vector<statement_row> table;
  for (auto& [unused, statement] : by_statement) table.push_back(finished(statement));
  for (const sketched_statement& one : from.overflowed) table.push_back(row_of(one));
  std::stable_sort(table.begin(), table.end(), [](const statement_row& a, const statement_row& b) {
    return a.total > b.total;
  });
  return table;
}

}  // namespace querytap
