#include "html.hpp"
#include "page_sections.hpp"
#include "phase_bar.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

namespace querytap::detail {
namespace {

constexpr std::size_t most_slow_calls_shown = 50;

std::string_view css_of_reason(report_reason reason) {
  switch (reason) {
    case report_reason::error:
    case report_reason::timeout: return "tag fail";
    case report_reason::cancelled: return "tag";
    default: return "tag warn";
  }
}

std::string error_of_call(const call_report& call) {
  if (call.error_type.empty()) return {};
  const bool has_code = !call.status_code.empty() && call.status_code != call.error_type;
  return span("bad", call.error_type + (has_code ? " (" + call.status_code + ')' : std::string{}));
}

std::string server_of_call(const call_report& call) {
  std::string text = call.system;
  if (!call.server_address.empty()) text += " at " + call.server_address;
  if (call.server_port != 0) text += ':' + std::to_string(call.server_port);
  if (!call.database.empty()) text += '/' + call.database;
  return escaped(text);
}

// What SQLite counts while it executes.
void add_sqlite_counters(facts& shown, const call_report& call) {
  if (call.full_scan_steps != 0) {
    shown.add(fmt::format("{} of full scans", count_text(call.full_scan_steps, "step")));
  }
  if (call.sorts != 0) shown.add(count_text(call.sorts, "sort"));
  if (call.automatic_index_rows != 0) {
    shown.add(fmt::format("{} put into an automatic index",
                          count_text(call.automatic_index_rows, "row")));
  }
  if (call.reprepares != 0) shown.add("compiled anew");
}

// What the server tells a client of MariaDB or MySQL.
void add_answer(facts& shown, const call_report& call) {
  if (!call.sqlstate.empty()) shown.add(escaped("SQLSTATE " + call.sqlstate));
  if (call.affected_rows.has_value()) {
    shown.add(count_text(*call.affected_rows, "row") + " affected");
  }
  if (call.batch_size != 0) shown.add(fmt::format("a batch of {}", call.batch_size));
  if (call.used_no_index) shown.add("used no index");
}

std::string facts_of_slow_call(const call_report& call) {
  facts shown;
  shown.add(error_of_call(call));
  if (!call.waits_for.empty()) shown.add(span("bad", "waits for " + call.waits_for));
  shown.add(span("site", to_string(call.site)));
  shown.add(escaped(call.request));
  if (call.pool_wait.count() != 0) {
    shown.add(fmt::format("waited {} for a connection", human_duration(call.pool_wait)));
  }
  if (call.rows.has_value()) shown.add(count_text(*call.rows, "row"));
  if (call.retries != 0) shown.add(fmt::format("retried {} times", call.retries));
  add_sqlite_counters(shown, call);
  add_answer(shown, call);
  shown.add(escaped(call.parameters));
  shown.add(server_of_call(call));
  if (!call.plan_error.empty()) shown.add(escaped("no plan: " + call.plan_error));
  if (call.thread != 0) shown.add(fmt::format("thread {}", call.thread));
  if (call.trace.has_value()) shown.add(span("id", "trace " + trace_id_text(*call.trace)));
  return shown.html();
}

std::string lead_of_slow_call(const call_report& call,
                              std::chrono::system_clock::time_point shown_at) {
  return fmt::format(
      "<div class=\"lead\"><b class=\"time\">{}</b> {}<p class=\"facts\">{}</p></div>",
      human_duration(call.duration), span(css_of_reason(call.reason), to_string(call.reason)),
      moment_text(call.start, shown_at));
}

std::string card_of_slow_call(const call_report& call,
                              std::chrono::system_clock::time_point shown_at) {
  std::string card =
      fmt::format("<li id=\"slow-{}\">{}<div>", call.number, lead_of_slow_call(call, shown_at));
  if (call.statement != nullptr) card += sql(call.statement->text);
  card += phase_bar(call.phases);
  card += fmt::format("<p class=\"facts\">{}</p>", facts_of_slow_call(call));
  if (call.plan != nullptr) {
    card += fmt::format("<details><summary>plan</summary><pre>{}</pre></details>",
                        escaped(to_string(*call.plan)));
  }
  return card + "</div></li>\n";
}

}  // namespace

std::string slow_part(const snapshot& snapshot) {
  const auto calls = ended_calls(snapshot);
  if (calls.empty()) return {};
  std::string part = "<section id=\"slow\"><h2>Slow and failed</h2><ul>\n";
  for (std::size_t i = 0; i < calls.size() && i < most_slow_calls_shown; ++i) {
    part += card_of_slow_call(*calls[i], snapshot.time);
  }
  return part + "</ul>" + rest_of(calls.size(), most_slow_calls_shown, "slow") + "</section>\n";
}

}  // namespace querytap::detail
