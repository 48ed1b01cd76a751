#include "html.hpp"
#include "page_sections.hpp"

#include <fmt/format.h>

namespace querytap::detail {
namespace {

constexpr std::size_t most_shown = 50;

std::string facts_of(const finding& one, std::chrono::system_clock::time_point now) {
  facts known;
  known.add(span("site", to_string(one.site)));
  known.add(escaped(one.request));
  known.add(escaped(one.system));
  if (!one.table.empty()) known.add("table " + escaped(one.table));
  if (one.calls != 0) known.add(count_text(one.calls, "call"));
  if (one.cost.count() != 0) known.add(duration_text(one.cost));
  if (one.seen > 1) known.add(fmt::format("seen {} times", one.seen));
  known.add(moment_text(one.time, now));
  return known.html();
}

std::string card_of(const finding& one, std::chrono::system_clock::time_point now) {
  std::string card =
      fmt::format("<li id=\"finding-{}\"><div class=\"lead\">{}</div><div><p><b>{}</b></p>",
                  one.number, span("tag warn", to_string(one.kind)), escaped(one.message));
  if (one.statement != nullptr) card += sql(one.statement->text);
  card += fmt::format("<p class=\"facts\">{}</p>", facts_of(one, now));
  if (!one.advice.empty()) card += fmt::format("<p class=\"advice\">{}</p>", escaped(one.advice));
  return card + "</div></li>\n";
}

}  // namespace

std::string findings_part(const snapshot& from) {
  if (from.findings.empty()) return {};
  std::string part = "<section id=\"findings\"><h2>Findings</h2><ul>\n";
  for (std::size_t i = 0; i < from.findings.size() && i < most_shown; ++i) {
    part += card_of(*from.findings[i], from.time);
  }
  return part + "</ul>" + rest_of(from.findings.size(), most_shown, "findings") + "</section>\n";
}

}  // namespace querytap::detail
