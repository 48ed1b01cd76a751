#include "../../base/fingerprint_text.hpp"
#include "report_formats.hpp"

#include <fmt/format.h>

#include <cmath>
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

// Nothing where it is not known.
std::string csv_number(double number) {
  return std::isfinite(number) ? fmt::format("{:.9g}", number) : std::string{};
}

}  // namespace

std::string report_csv(view_data& shown, std::chrono::seconds window) {
  std::string lines =
      "system,fingerprint,summary,calls,errors,rows,total_seconds,mean_seconds,p50_seconds,"
      "p95_seconds,p99_seconds,text\r\n";
  for (const statement_row& row : shown.window(window).statements) {
    const bool is_known = row.statement != nullptr;
    lines += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{}\r\n", csv_text(row.system),
        is_known ? fingerprint_text(row.statement->fingerprint) : std::string{},
        csv_text(is_known ? std::string_view{row.statement->summary} : "all other statements"),
        row.calls, row.errors, row.rows, csv_number(row.total),
        csv_number(row.total / static_cast<double>(row.calls)), csv_number(row.p50),
        csv_number(row.p95), csv_number(row.p99),
        csv_text(is_known ? std::string_view{row.statement->text} : std::string_view{}));
  }
  return lines;
}

}  // namespace querytap::detail
