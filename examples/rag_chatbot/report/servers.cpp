#include <rag_chatbot/report/servers.hpp>

#include <querytap/base/human.hpp>

#include <rag_chatbot/corpus/text.hpp>

#include <fmt/format.h>

#include <optional>

namespace rag_chatbot {
namespace {

using querytap::human_count;
using querytap::human_duration;

constexpr std::size_t widest_name = 36;
constexpr std::size_t most_joined_lines = 10;

constexpr auto joined_format = "  {:<{}} {:>8} {:>8} {:>9} {:>9} {:>9} {:>9} {:>7}";

std::string per_call(std::chrono::nanoseconds time, std::uint64_t calls) {
  return calls == 0 ? "–" : human_duration(time / static_cast<std::int64_t>(calls));
}

std::string outside_of(const querytap::joined_statement& row) {
  if (row.client_calls == 0 || row.server.calls == 0) return "–";
  const auto time = row.outside_server();
  return time.count() < 0 ? "−" + human_duration(-time) : human_duration(time);
}

std::string count_or_dash(const std::optional<std::uint64_t>& count) {
  return count.has_value() ? human_count(*count) : "–";
}

std::string line_of(const querytap::joined_statement& row) {
  return fmt::format(joined_format, shortened(row.server.statement->summary, widest_name),
                     widest_name, human_count(row.client_calls), human_count(row.server.calls),
                     per_call(row.client_time, row.client_calls),
                     per_call(row.server.time, row.server.calls), outside_of(row),
                     count_or_dash(row.server.rows), count_or_dash(row.server.blocks_read)) +
         (row.remark.empty() ? "" : "  " + row.remark) + '\n';
}

std::string line_of(const querytap::health_report& report) {
  return fmt::format("  {:<12} {:<8} {}\n", report.component, to_string(report.status),
                     !report.reason.empty()   ? report.reason
                     : report.is_passive      ? "by its calls"
                     : report.latency.count() ? human_duration(report.latency)
                                              : "");
}

}  // namespace

std::string health_list(const querytap::snapshot& snapshot) {
  std::string lines;
  for (const auto& report : snapshot.health) lines += line_of(report);
  return lines;
}

// Those that the application called; the servers have others' as well.
std::string servers_view(const querytap::snapshot& snapshot) {
  std::string lines;
  for (const auto& source : snapshot.sources) {
    std::size_t shown = 0;
    for (const auto& row : source->statements) {
      if (row.client_calls == 0 || shown == most_joined_lines) continue;
      lines += line_of(row);
      ++shown;
    }
  }
  if (lines.empty()) return {};
  return "the same at the servers, since the first look: times per call, rows and blocks read in "
         "all\n" +
         fmt::format(joined_format, "statement", widest_name, "ours", "server's", "ours",
                     "server's", "between", "rows", "read") +
         '\n' + lines + '\n';
}

}  // namespace rag_chatbot
