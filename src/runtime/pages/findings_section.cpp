#include "html.hpp"
#include "page_sections.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

namespace querytap::detail {
namespace {

constexpr std::size_t most_findings_shown = 50;

std::string facts_of_finding(const finding& finding,
                             std::chrono::system_clock::time_point shown_at) {
  facts shown;
  shown.add(span("site", to_string(finding.site)));
  shown.add(escaped(finding.request));
  shown.add(escaped(finding.system));
  if (!finding.table.empty()) shown.add("table " + escaped(finding.table));
  if (!finding.pool.empty()) shown.add("pool " + escaped(finding.pool));
  if (!finding.component.empty()) shown.add("component " + escaped(finding.component));
  if (!finding.tenant.empty()) shown.add("tenant " + escaped(finding.tenant));
  if (finding.calls != 0) shown.add(count_text(finding.calls, "call"));
  if (finding.cost.count() != 0) shown.add(human_duration(finding.cost));
  if (finding.seen > 1) shown.add(fmt::format("seen {} times", finding.seen));
  shown.add(moment_text(finding.time, shown_at));
  return shown.html();
}

std::string card_of_finding(const finding& finding,
                            std::chrono::system_clock::time_point shown_at) {
  std::string card = fmt::format(
      "<li id=\"finding-{}\"><div class=\"lead\">{}</div><div><p><b>{}</b></p>", finding.number,
      span("tag warn", to_string(finding.kind)), escaped(finding.message));
  if (finding.statement != nullptr) card += sql(finding.statement->text);
  card += fmt::format("<p class=\"facts\">{}</p>", facts_of_finding(finding, shown_at));
  if (!finding.advice.empty())
    card += fmt::format("<p class=\"advice\">{}</p>", escaped(finding.advice));
  return card + "</div></li>\n";
}

}  // namespace

std::string findings_part(const snapshot& snapshot) {
  if (snapshot.findings.empty()) return {};
  std::string part = "<section id=\"findings\"><h2>Findings</h2><ul>\n";
  for (std::size_t i = 0; i < snapshot.findings.size() && i < most_findings_shown; ++i) {
    part += card_of_finding(*snapshot.findings[i], snapshot.time);
  }
  return part + "</ul>" + rest_of(snapshot.findings.size(), most_findings_shown, "findings") +
         "</section>\n";
}

}  // namespace querytap::detail
