#include "report_formats.hpp"
#include "running_calls.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <string_view>

namespace querytap::detail {
namespace {

constexpr std::size_t most_rows_in_markdown = 20;

// Text as it is, on one line: nothing in it is markup.
std::string markdown_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view{"\\`*_[]<>|#&~!"}.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  }
  return escaped;
}

std::string seconds_text(const json& seconds) {
  return seconds.is_number() ? human_duration(seconds.get<double>()) : std::string{"–"};
}

std::string text_in(const json& object, const char* key) {
  return object.contains(key) && object[key].is_string()
             ? markdown_text(object[key].get<std::string>())
             : std::string{};
}

std::string site_of(const json& object) {
  const std::string site = text_in(object, "call_site");
  return site.empty() ? std::string{} : ", at " + site;
}

std::string health_part(const snapshot& current) {
  if (current.health.empty()) return {};
  std::string part =
      "\n## Health\n\n| component | status | why | what to do |\n|---|---|---|---|\n";
  for (const health_report& report : current.health) {
    part += fmt::format("| {} | {} | {} | {} |\n", markdown_text(report.component),
                        to_string(report.status), markdown_text(report.reason),
                        markdown_text(report.advice));
  }
  return part;
}

std::string findings_part(const json& findings) {
  if (findings["rows"].empty()) return {};
  std::string part = "\n## Findings\n\n";
  for (const json& row : findings["rows"]) {
    part +=
        fmt::format("- **{}**: {}{}", text_in(row, "kind"), text_in(row, "message"), site_of(row));
    if (const std::string advice = text_in(row, "advice"); !advice.empty())
      part += fmt::format("\n  → {}", advice);
    part += '\n';
  }
  return part;
}

std::string statements_part(const json& statements) {
  std::string part =
      "\n## Statements\n\n| statement | system | calls | errors | total | mean | p50 | p95 | p99 "
      "|\n"
      "|---|---|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const json& row : statements["rows"]) {
    part +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
                    row.contains("text") ? text_in(row, "text") : "all other statements",
                    text_in(row, "system"), row["calls"].dump(), row["errors"].dump(),
                    seconds_text(row["total"]), seconds_text(row["mean"]), seconds_text(row["p50"]),
                    seconds_text(row["p95"]), seconds_text(row["p99"]));
  }
  return part;
}

std::string calls_part(const json& calls) {
  std::string part;
  const auto add = [&](const json& row, std::string_view state) {
    const json statement = row.value("statement", json::object());
    part += fmt::format("- {} {}: {}{}", seconds_text(row["duration"]), state,
                        text_in(statement, "text"), site_of(row));
    if (row.contains("waits_for")) part += ", waits for " + text_in(row, "waits_for");
    if (row.contains("error")) part += ", " + text_in(row["error"], "type");
    part += '\n';
  };
  for (const json& row : calls["running"]) add(row, "still running");
  for (const json& row : calls["slow"]) add(row, text_in(row, "class"));
  return part.empty() ? part : "\n## Calls that were slow, failed or still run\n\n" + part;
}

std::string pools_part(const json& pools) {
  if (pools["pools"].empty()) return {};
  std::string part =
      "\n## Pools\n\n| pool | max | used | waiting | timeouts |\n|---|--:|--:|--:|--:|\n";
  for (const json& row : pools["pools"]) {
    part += fmt::format("| {} | {} | {} | {} | {} |\n", text_in(row, "name"), row["maximum"].dump(),
                        row["used"].dump(), row["waiting"].dump(), row["timeouts"].dump());
  }
  return part;
}

std::string requests_part(const json& requests) {
  if (requests["rows"].empty()) return {};
  std::string part =
      "\n## Requests\n\n| request | took | application | calls | trace |\n|---|--:|--:|--:|---|\n";
  for (const json& row : requests["rows"]) {
    part += fmt::format("| {} | {} | {} | {} | {} |\n", text_in(row, "name"),
                        seconds_text(row["duration"]), seconds_text(row["application"]),
                        row["calls"].dump(), text_in(row, "trace_id"));
  }
  return part;
}

}  // namespace

std::string report_markdown(view_data& shown, std::chrono::seconds window) {
  const auto view = [&](const char* name) {
    return render_view({.view = name, .window = window, .limit = most_rows_in_markdown}, shown);
  };
  const json statements = view("statements");
  return fmt::format("# {}, {}\n\nThe last {}, counting since {}. querytap {}.\n",
                     text_in(statements, "service"), text_in(statements, "time"),
                     seconds_text(statements["window"]["seconds"]), text_in(statements, "start"),
                     text_in(statements, "version")) +
         health_part(shown.current()) + findings_part(view("findings")["data"]) +
         statements_part(statements["data"]) + calls_part(view("running")["data"]) +
         pools_part(view("pools")["data"]) + requests_part(view("requests")["data"]);
}

}  // namespace querytap::detail
