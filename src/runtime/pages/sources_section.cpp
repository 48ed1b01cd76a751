#include "html.hpp"
#include "page_sections.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <optional>

namespace querytap::detail {
namespace {

constexpr std::size_t most_joined_statements = 20;

std::string parts_missing(const source_report& source) {
  facts shown;
  for (const unavailable_part& part : source.unavailable) {
    shown.add(fmt::format("{}: {}", escaped(part.name), escaped(part.reason)));
  }
  return shown.html();
}

std::size_t numbers_of(const source_report& source) {
  std::size_t count = 0;
  for (const auto& metric : source.metrics) count += metric->points.size();
  return count;
}

std::string row_of_source(const source_report& source,
                          std::chrono::system_clock::time_point shown_at) {
  const bool has_values = source.time != std::chrono::system_clock::time_point{};
  return fmt::format(
      "<tr><td>{}</td><td data-is=\"state\" class=\"{}\">{}</td><td data-is=\"values\">{}</td>"
      "<td data-is=\"asked\">{}</td><td data-is=\"took\">{}</td><td data-is=\"error\">{}</td>"
      "<td data-is=\"missing\">{}</td></tr>\n",
      escaped(source.name), source.state == source_state::fresh ? "good" : "warn",
      to_string(source.state), numbers_of(source),
      has_values ? moment_text(source.time, shown_at) : std::string{},
      source.duration.count() == 0 ? std::string{} : human_duration(source.duration),
      escaped(source.error), parts_missing(source));
}

std::string count_or_dash(const std::optional<std::uint64_t>& count) {
  return count.has_value() ? human_count(*count) : "–";
}

// The calls of other clients may be slower than the application's own.
std::string signed_duration(std::chrono::nanoseconds duration) {
  return duration.count() < 0 ? "−" + human_duration(-duration) : human_duration(duration);
}

std::string row_of_statement(const source_report& source, const joined_statement& row) {
  const auto per_call = [](std::chrono::nanoseconds time, std::uint64_t calls) {
    return calls == 0 ? std::string{"–"} : human_duration(time / static_cast<std::int64_t>(calls));
  };
  const bool is_comparable = row.client_calls != 0 && row.server.calls != 0;
  return fmt::format(
      "<tr><td>{}</td><td data-is=\"server\">{}</td><td data-is=\"calls\">{}</td>"
      "<td data-is=\"calls at the server\">{}</td><td data-is=\"time\">{}</td>"
      "<td data-is=\"time at the server\">{}</td><td data-is=\"outside\">{}</td><td "
      "data-is=\"rows\">{}</td>"
      "<td data-is=\"blocks read\">{}</td><td data-is=\"spilled\">{}</td><td "
      "data-is=\"remark\">{}</td></tr>\n",
      row.server.statement == nullptr ? std::string{"–"} : sql(row.server.statement->text),
      escaped(source.name), human_count(row.client_calls), human_count(row.server.calls),
      per_call(row.client_time, row.client_calls), per_call(row.server.time, row.server.calls),
      is_comparable ? signed_duration(row.outside_server()) : "–", count_or_dash(row.server.rows),
      count_or_dash(row.server.blocks_read), count_or_dash(row.server.spilled_bytes),
      escaped(row.remark));
}

std::string joined_statements_table(const snapshot& snapshot) {
  std::string rows;
  for (const auto& source : snapshot.sources) {
    std::size_t shown = 0;
    for (const joined_statement& row : source->statements) {
      if (shown++ >= most_joined_statements) break;
      rows += row_of_statement(*source, row);
    }
  }
  if (rows.empty()) return {};
  return "<section id=\"joined\"><h2>Statements as their servers see them, since the first "
         "look</h2><table>"
         "<thead><tr><th>statement</th><th>server</th><th>our calls</th><th>server's calls</th>"
         "<th>our time per call</th><th>server's time per call</th><th>outside the "
         "server</th><th>rows</th>"
         "<th>blocks read</th><th>spilled bytes</th><th>remark</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></section>\n";
}

}  // namespace

std::string sources_part(const snapshot& snapshot) {
  if (snapshot.sources.empty()) return {};
  std::string part =
      "<section id=\"sources\"><h2>Servers, host and process</h2><table><thead><tr><th>source</th>"
      "<th>state</th><th>values</th><th>asked</th><th>took</th><th>error</th><th>not offered</th>"
      "</tr></thead><tbody>\n";
  for (const auto& source : snapshot.sources) part += row_of_source(*source, snapshot.time);
  return part + "</tbody></table></section>\n" + joined_statements_table(snapshot);
}

}  // namespace querytap::detail
