#include "../../base/fingerprint_text.hpp"
#include "../../base/utf8.hpp"
#include "text_filter.hpp"
#include "view_data.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace querytap::detail {
namespace {

constexpr std::size_t longest_text_in_row = 300;

double sorted_value(const statement_row& row, std::string_view key) {
  const auto calls = static_cast<double>(row.calls);
  if (key == "calls") return calls;
  if (key == "errors") return static_cast<double>(row.errors);
  if (key == "rows") return static_cast<double>(row.rows);
  if (key == "mean") return row.calls == 0 ? 0 : row.total / calls;
  if (key == "p50") return row.p50;
  if (key == "p95") return row.p95;
  if (key == "p99") return row.p99;
  return row.total;
}

bool is_wanted(const statement_row& row, const view_query& asked) {
  if (!asked.kind.empty() && row.system != asked.kind) return false;
  if (asked.text.empty()) return true;
  return row.statement != nullptr && (contains_ignoring_case(row.statement->text, asked.text) ||
                                      contains_ignoring_case(row.statement->summary, asked.text));
}

// Numbers that are not known come last, whichever way.
void sort_rows(std::vector<const statement_row*>& rows, const view_query& asked,
               std::size_t shown) {
  std::vector<std::pair<double, const statement_row*>> sorted;
  for (const statement_row* row : rows) {
    const double value = sorted_value(*row, asked.sort);
    const double from_front = asked.is_ascending ? value : -value;
    sorted.emplace_back(std::isnan(value) ? std::numeric_limits<double>::infinity() : from_front,
                        row);
  }
  std::ranges::stable_sort(sorted, {}, &std::pair<double, const statement_row*>::first);
  rows.resize(std::min(rows.size(), shown));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = sorted[i].second;
}

}  // namespace

json json_of_row(const statement_row& row, double seconds) {
  const auto calls = static_cast<double>(row.calls);
  json object{{"system", row.system}};
  if (row.statement != nullptr) {
    object["fingerprint"] = fingerprint_text(row.statement->fingerprint);
    object["summary"] = row.statement->summary;
    object["text"] = utf8_prefix(row.statement->text, longest_text_in_row);
  }
  object["calls"] = row.calls;
  object["per_second"] = short_number(seconds > 0 ? calls / seconds : 0);
  object["errors"] = row.errors;
  object["rows"] = row.rows;
  object["total"] = short_number(row.total);
  object["mean"] = short_number(row.calls == 0 ? 0 : row.total / calls);
  object["p50"] = short_number(row.p50);
  object["p95"] = short_number(row.p95);
  object["p99"] = short_number(row.p99);
  if (row.is_overflow) object["overflow"] = true;
  return object;
}

json json_of_row(const statement_row& row, const view_query& asked, view_data& shown) {
  json object = json_of_row(row, seconds_of(shown.window(asked.window).recorded.span));
  if (asked.compared.count() == 0 || row.is_overflow) return object;
  const view_window& then = shown.window(asked.window, asked.compared);
  if (const statement_row* before = then.find(row); before != nullptr)
    object["before"] = json_of_row(*before, seconds_of(then.recorded.span));
  return object;
}

json statements_view(const view_query& asked, view_data& shown) {
  const view_window& window = shown.window(asked.window);
  std::vector<const statement_row*> rows;
  std::set<std::string, std::less<>> systems;
  double total = 0;
  for (const statement_row& row : window.statements) {
    systems.insert(row.system);
    total += row.is_overflow ? 0 : row.total;
    if (is_wanted(row, asked)) rows.push_back(&row);
  }
  const std::size_t found = rows.size();
  sort_rows(rows, asked, asked.limit);
  json list = json::array();
  for (const statement_row* row : rows) {
    json object = json_of_row(*row, asked, shown);
    object["share"] = short_number(total > 0 ? row->total / total : 0);
    list.push_back(std::move(object));
  }
  return {{"all", window.statements.size()},
          {"found", found},
          {"total", short_number(total)},
          {"systems", systems},
          {"rows", std::move(list)}};
}

}  // namespace querytap::detail
