#include "html.hpp"
#include "page_sections.hpp"

#include <querytap/base/human.hpp>
#include <querytap/snapshot/statement_table.hpp>

#include <fmt/format.h>

namespace querytap::detail {
namespace {

std::string table_row_of(const statement_row& row) {
  return fmt::format(
      "<tr><td>{}</td><td data-is=\"system\">{}</td><td data-is=\"calls\">{}</td>"
      "<td data-is=\"errors\"{}>{}</td><td data-is=\"total\">{}</td><td data-is=\"p50\">{}</td>"
      "<td data-is=\"p95\">{}</td><td data-is=\"p99\">{}</td><td data-is=\"rows\">{}</td></tr>\n",
      row.statement == nullptr ? std::string{} : sql(row.statement->text), escaped(row.system),
      row.calls, row.errors == 0 ? "" : " class=\"bad\"", row.errors, human_duration(row.total),
      human_duration(row.p50), human_duration(row.p95), human_duration(row.p99), row.rows);
}

}  // namespace

std::string statements_part(const snapshot& snapshot) {
  std::string part =
      "<section id=\"statements\"><h2>Statements by total time</h2><table><thead><tr>"
      "<th>statement</th><th>system</th><th>calls</th><th>errors</th><th>total</th><th>p50</th>"
      "<th>p95</th><th>p99</th><th>rows</th></tr></thead><tbody>\n";
  for (const statement_row& row : statement_table(snapshot)) part += table_row_of(row);
  return part + "</tbody></table></section>\n";
}

}  // namespace querytap::detail
