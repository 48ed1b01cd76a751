#include "html.hpp"
#include "page_sections.hpp"
#include "pool_table.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <limits>

namespace querytap::detail {
namespace {

// Without waits NaN, which is shown as a dash.
double wait_quantile(const pool_row& row, double quantile) {
  if (!row.wait.has_value() || row.wait->count() == 0) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return row.wait->quantile(quantile);
}

std::string number_cell(std::string_view label, std::int64_t value, bool is_bad = false) {
  return fmt::format("<td data-is=\"{}\"{}>{}</td>", label, is_bad ? " class=\"bad\"" : "", value);
}

std::string wait_cell(const pool_row& row, double quantile, std::string_view label) {
  return fmt::format("<td data-is=\"{}\">{}</td>", label,
                     human_duration(wait_quantile(row, quantile)));
}

std::string table_row_of(const pool_row& row) {
  const bool is_exhausted = row.maximum > 0 && row.used >= row.maximum;
  return "<tr><td>" + escaped(row.name) + "</td>" + number_cell("max", row.maximum) +
         number_cell("used", row.used, is_exhausted) + number_cell("idle", row.idle) +
         number_cell("waiting", row.waiting, row.waiting > 0) + wait_cell(row, 0.5, "wait p50") +
         wait_cell(row, 0.99, "wait p99") +
         number_cell("timeouts", row.timeouts, row.timeouts > 0) + "</tr>\n";
}

}  // namespace

std::string pools_part(const snapshot& snapshot) {
  const std::vector<pool_row> pools = pool_table(snapshot);
  if (pools.empty()) return {};
  std::string part =
      "<section id=\"pools\"><h2>Pools</h2><table><thead><tr><th>pool</th><th>max</th>"
      "<th>used</th><th>idle</th><th>waiting</th><th>wait p50</th><th>wait p99</th>"
      "<th>timeouts</th></tr></thead><tbody>\n";
  for (const pool_row& row : pools) part += table_row_of(row);
  return part + "</tbody></table></section>\n";
}

}  // namespace querytap::detail
