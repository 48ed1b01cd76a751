#include <rag_chatbot/report/statements.hpp>

#include <querytap/base/human.hpp>
#include <querytap/snapshot/snapshot_history.hpp>
#include <querytap/snapshot/statement_table.hpp>

#include <rag_chatbot/corpus/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <vector>

namespace rag_chatbot {
namespace {

constexpr std::size_t widest_summary = 36;
constexpr std::size_t most_lines = 15;

constexpr auto line_format = "  {:<{}} {:>9} {:>9} {:>9} {:>9} {:>9} {:>11} {:>11}\n";

std::string_view summary_of(const querytap::statement_row& row) {
  return row.statement ? shortened(row.statement->summary, widest_summary) : "(all others)";
}

/// The rows of the last minute; none if that is not known.
std::vector<querytap::statement_row> rows_of_last_minute(const querytap::snapshot& snapshot) {
  for (const auto& window : querytap::recent_windows(snapshot)) {
    if (window.length == std::chrono::minutes{1}) return querytap::statement_table(window.recorded);
  }
  return {};
}

std::string recent_p99_of(const querytap::statement_row& row,
                          std::span<const querytap::statement_row> recent) {
  const auto same = std::ranges::find_if(recent, [&](const querytap::statement_row& other) {
    return other.statement == row.statement && other.system == row.system;
  });
  return same == recent.end() ? "–" : querytap::human_duration(same->p99);
}

std::string line_of(const querytap::statement_row& row,
                    std::span<const querytap::statement_row> recent) {
  using querytap::human_count;
  using querytap::human_duration;
  return fmt::format(line_format, summary_of(row), widest_summary, human_count(row.calls),
                     human_duration(row.total), human_duration(row.p50), human_duration(row.p95),
                     human_duration(row.p99), recent_p99_of(row, recent), human_count(row.rows));
}

std::string line_of_the_rest(std::span<const querytap::statement_row> rows) {
  double total = 0;
  for (const auto& row : rows) total += row.total;
  return fmt::format("  and {} more that took {} in all\n", rows.size(),
                     querytap::human_duration(total));
}

}  // namespace

std::string statements_table(const querytap::snapshot& snapshot) {
  const auto rows = querytap::statement_table(snapshot);
  const auto recent = rows_of_last_minute(snapshot);
  const auto shown = std::span{rows}.first(std::min(most_lines, rows.size()));

  std::string table = fmt::format(line_format, "statement", widest_summary, "calls", "total", "p50",
                                  "p95", "p99", "last minute", "rows");
  for (const auto& row : shown) table += line_of(row, recent);
  if (shown.size() < rows.size()) table += line_of_the_rest(std::span{rows}.subspan(most_lines));
  return table;
}

}  // namespace rag_chatbot
