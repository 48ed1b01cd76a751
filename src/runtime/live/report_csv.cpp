#include "report_formats.hpp"

#include <fmt/format.h>

#include <string_view>

namespace querytap::detail {
namespace {

// A spreadsheet takes a text that begins like this for a formula.
bool begins_as_formula(std::string_view text) {
  return !text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos;
}

std::string csv_text(std::string_view text) {
  std::string field = begins_as_formula(text) ? "\"'" : "\"";
  for (const char c : text) field += c == '"' ? std::string{"\"\""} : std::string{c};
  return field + '"';
}

}  // namespace

std::string report_csv(view_data& shown, std::chrono::seconds window) {
  std::string lines =
      "system,fingerprint,summary,calls,errors,rows,total_seconds,mean_seconds,p50_seconds,"
      "p95_seconds,p99_seconds,text\r\n";
  for (const statement_row& row : shown.window(window).statements) {
    const json fields = json_of_row(row, 0);
    const auto number = [&](const char* key) {
      return fields[key].is_null() ? std::string{} : fields[key].dump();
    };
    const bool is_known = row.statement != nullptr;
    lines += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{}\r\n", csv_text(row.system),
        is_known ? fields["fingerprint"].get<std::string>() : std::string{},
        csv_text(is_known ? std::string_view{row.statement->summary} : "all other statements"),
        row.calls, row.errors, row.rows, number("total"), number("mean"), number("p50"),
        number("p95"), number("p99"),
        csv_text(is_known ? std::string_view{row.statement->text} : std::string_view{}));
  }
  return lines;
}

}  // namespace querytap::detail
