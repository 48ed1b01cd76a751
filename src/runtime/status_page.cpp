#include "status_page.hpp"

#include <querytap/base/human.hpp>
#include <querytap/snapshot/statement_table.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace querytap::detail {
namespace {

constexpr std::string_view head = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width"><title>querytap</title><style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
h1 { font-size: 1.3rem; margin: 0 } p { color: #666; margin: .2rem 0 1.2rem }
table { border-collapse: collapse; width: 100% }
th, td { padding: .3rem .8rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #ddd }
th { position: sticky; top: 0; background: #fff; color: #666; font-weight: 500 }
th:first-child, td:first-child { text-align: left; white-space: normal; width: 100% }
td:first-child { font-family: ui-monospace, monospace; font-size: 13px }
.failed { color: #b00 }
@media (prefers-color-scheme: dark) {
  body, th { background: #16181c; color: #ddd } th, p { color: #999 }
  th, td { border-color: #333 } .failed { color: #f77 }
}
</style></head><body>
)";

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      default: result += c;
    }
  }
  return result;
}

std::string row_of(const statement_row& row) {
  const std::string text = row.statement == nullptr ? std::string{} : row.statement->text;
  return fmt::format(
      "<tr><td>{}</td><td>{}</td><td>{}</td><td{}>{}</td><td>{}</td><td>{}</td><td>{}</td>"
      "<td>{}</td><td>{}</td></tr>\n",
      escaped(text), escaped(row.system), row.calls, row.errors == 0 ? "" : " class=\"failed\"",
      row.errors, human_duration(row.total), human_duration(row.p50), human_duration(row.p95),
      human_duration(row.p99), row.rows);
}

// What has been running for longer than most queries take, while it still runs.
std::string running_part(const snapshot& from) {
  constexpr std::chrono::milliseconds worth_telling{100};
  std::string rows;
  for (const active_operation& one : from.active) {
    if (one.age < worth_telling) break;
    const std::string text = one.statement == nullptr ? std::string{} : one.statement->text;
    rows += fmt::format("<tr><td>{}</td><td class=\"failed\">{}</td></tr>\n", escaped(text),
                        human_duration(std::chrono::duration<double>{one.age}.count()));
  }
  if (rows.empty()) return {};
  return "<table><thead><tr><th>still running</th><th>for</th></tr></thead><tbody>\n" + rows +
         "</tbody></table>\n";
}

std::string service_of(const snapshot& from) {
  const attribute_value* name = from.resource.find("service.name");
  return name == nullptr ? std::string{} : escaped(to_string(*name));
}

}  // namespace

std::string render_status_page(const snapshot& from) {
  const auto since = std::chrono::floor<std::chrono::seconds>(from.start);
  std::string page{head};
  page += fmt::format("<h1>{}</h1><p>statements by total time since {:%Y-%m-%d %H:%M:%S} UTC</p>\n",
                      service_of(from), fmt::gmtime(since));
  page += running_part(from);
  page +=
      "<table><thead><tr><th>statement</th><th>system</th><th>calls</th><th>errors</th>"
      "<th>total</th><th>p50</th><th>p95</th><th>p99</th><th>rows</th></tr></thead><tbody>\n";
  for (const statement_row& row : statement_table(from)) page += row_of(row);
  page += "</tbody></table></body></html>\n";
  return page;
}

}  // namespace querytap::detail
