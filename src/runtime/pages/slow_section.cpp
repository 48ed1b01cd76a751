#include "html.hpp"
#include "page_sections.hpp"
#include "phase_bar.hpp"

#include <fmt/format.h>

namespace querytap::detail {
namespace {

constexpr std::size_t most_shown = 50;

std::string_view css_of(report_reason what) {
  switch (what) {
    case report_reason::error:
    case report_reason::timeout: return "tag fail";
    case report_reason::cancelled: return "tag";
    default: return "tag warn";
  }
}

std::string error_of(const call_report& one) {
  if (one.error_type.empty()) return {};
  const bool has_code = !one.status_code.empty() && one.status_code != one.error_type;
  return span("bad", one.error_type + (has_code ? " (" + one.status_code + ')' : std::string{}));
}

std::string server_of(const call_report& one) {
  std::string text = one.system;
  if (!one.server_address.empty()) text += " at " + one.server_address;
  if (one.server_port != 0) text += ':' + std::to_string(one.server_port);
  if (!one.database.empty()) text += '/' + one.database;
  return escaped(text);
}

// What SQLite counts while it executes.
void add_counters(facts& to, const call_report& one) {
  if (one.full_scan_steps != 0) {
    to.add(fmt::format("{} without an index", count_text(one.full_scan_steps, "row")));
  }
  if (one.sorts != 0) to.add(count_text(one.sorts, "sort"));
  if (one.automatic_index_rows != 0) {
    to.add(
        fmt::format("{} put into an automatic index", count_text(one.automatic_index_rows, "row")));
  }
}

std::string facts_of(const call_report& one) {
  facts known;
  known.add(error_of(one));
  if (!one.waits_for.empty()) known.add(span("bad", "waits for " + one.waits_for));
  known.add(span("site", to_string(one.site)));
  known.add(escaped(one.request));
  if (one.pool_wait.count() != 0) {
    known.add(fmt::format("waited {} for a connection", duration_text(one.pool_wait)));
  }
  if (one.rows.has_value()) known.add(count_text(*one.rows, "row"));
  if (one.retries != 0) known.add(fmt::format("retried {} times", one.retries));
  add_counters(known, one);
  known.add(escaped(one.parameters));
  known.add(server_of(one));
  if (!one.plan_error.empty()) known.add(escaped("no plan: " + one.plan_error));
  if (one.thread != 0) known.add(fmt::format("thread {}", one.thread));
  if (one.trace.has_value()) known.add(span("id", "trace " + trace_id_text(*one.trace)));
  return known.html();
}

std::string lead_of(const call_report& one, std::chrono::system_clock::time_point now) {
  return fmt::format(
      "<div class=\"lead\"><b class=\"time\">{}</b> {}<p class=\"facts\">{}</p></div>",
      duration_text(one.duration), span(css_of(one.reason), to_string(one.reason)),
      moment_text(one.start, now));
}

std::string card_of(const call_report& one, std::chrono::system_clock::time_point now) {
  std::string card = fmt::format("<li id=\"slow-{}\">{}<div>", one.number, lead_of(one, now));
  if (one.statement != nullptr) card += sql(one.statement->text);
  card += phase_bar(one.phases);
  card += fmt::format("<p class=\"facts\">{}</p>", facts_of(one));
  if (one.plan != nullptr) {
    card += fmt::format("<details><summary>plan</summary><pre>{}</pre></details>",
                        escaped(to_string(*one.plan)));
  }
  return card + "</div></li>\n";
}

}  // namespace

std::string slow_part(const snapshot& from) {
  const auto calls = ended_calls(from);
  if (calls.empty()) return {};
  std::string part = "<section id=\"slow\"><h2>Slow and failed</h2><ul>\n";
  for (std::size_t i = 0; i < calls.size() && i < most_shown; ++i) {
    part += card_of(*calls[i], from.time);
  }
  return part + "</ul>" + rest_of(calls.size(), most_shown, "slow") + "</section>\n";
}

}  // namespace querytap::detail
