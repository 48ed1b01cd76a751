#include "html.hpp"
#include "page_sections.hpp"

#include <querytap/base/human.hpp>
#include <querytap/snapshot/snapshot_history.hpp>
#include <querytap/snapshot/statement_table.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace querytap::detail {
namespace {

constexpr std::size_t most_recent_statements = 20;
constexpr std::string_view columns_of_statements =
    "<th>statement</th><th>system</th><th>calls</th><th>errors</th><th>total</th><th>p50</th>"
    "<th>p95</th><th>p99</th><th>rows</th>";

std::string cells_of(const statement_row& row) {
  return fmt::format(
      "<td>{}</td><td data-is=\"system\">{}</td><td data-is=\"calls\">{}</td>"
      "<td data-is=\"errors\"{}>{}</td><td data-is=\"total\">{}</td><td data-is=\"p50\">{}</td>"
      "<td data-is=\"p95\">{}</td><td data-is=\"p99\">{}</td><td data-is=\"rows\">{}</td>",
      row.statement == nullptr ? std::string{} : sql(row.statement->text), escaped(row.system),
      row.calls, row.errors == 0 ? "" : " class=\"bad\"", row.errors, human_duration(row.total),
      human_duration(row.p50), human_duration(row.p95), human_duration(row.p99), row.rows);
}

/// The p99 of each statement in one window.
class p99_column {
 public:
  explicit p99_column(const recent_window& window) : name_{window.name} {
    for (const statement_row& row : statement_table(window.recorded)) {
      p99_.emplace(key_of(row), row.p99);
    }
  }

  [[nodiscard]] std::string head() const { return fmt::format("<th>p99 of {}</th>", name_); }
  [[nodiscard]] std::string cell(const statement_row& row) const {
    const auto known = row.is_overflow ? p99_.end() : p99_.find(key_of(row));
    return fmt::format("<td data-is=\"p99 of {}\">{}</td>", name_,
                       known == p99_.end() ? "–" : human_duration(known->second));
  }

 private:
  static std::pair<std::string, std::uint64_t> key_of(const statement_row& row) {
    return {row.system, row.statement == nullptr ? 0 : row.statement->fingerprint};
  }

  std::string_view name_;
  std::map<std::pair<std::string, std::uint64_t>, double> p99_;
};

// What the service is busy with now; empty where nothing was called lately.
std::string table_of_window(const recent_window& window) {
  const std::vector<statement_row> rows = statement_table(window.recorded);
  if (rows.empty()) return {};
  std::string table = fmt::format(
      "<section id=\"recent\"><h2>Statements of the last {} by total time</h2><table>"
      "<thead><tr>{}</tr></thead><tbody>\n",
      human_duration(window.recorded.span), columns_of_statements);
  for (std::size_t i = 0; i < rows.size() && i < most_recent_statements; ++i) {
    table += "<tr>" + cells_of(rows[i]) + "</tr>\n";
  }
  return table + "</tbody></table></section>\n";
}

}  // namespace

std::string statements_part(const snapshot& snapshot) {
  const std::vector<recent_window> windows = recent_windows(snapshot);
  const std::vector<p99_column> p99_lately{windows.begin(), windows.end()};
  std::string part = windows.empty() ? std::string{} : table_of_window(windows.front());
  part +=
      "<section id=\"statements\"><h2>Statements by total time since the start</h2><table>"
      "<thead><tr>";
  part += columns_of_statements;
  for (const p99_column& column : p99_lately) part += column.head();
  part += "</tr></thead><tbody>\n";
  for (const statement_row& row : statement_table(snapshot)) {
    part += "<tr>" + cells_of(row);
    for (const p99_column& column : p99_lately) part += column.cell(row);
    part += "</tr>\n";
  }
  return part + "</tbody></table></section>\n";
}

}  // namespace querytap::detail
