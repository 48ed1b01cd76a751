#include "html.hpp"
#include "page_sections.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

constexpr std::size_t most_shown = 20;
constexpr std::size_t colours = 6;

// A kind of backend has the same colour wherever a request shows it.
std::size_t colour_of(std::string_view system, const request_report& in) {
  const auto found = std::ranges::find(in.backends, system, &backend_share::system);
  return static_cast<std::size_t>(found - in.backends.begin()) % colours;
}

std::string css_of(const request_call& call, const request_report& in) {
  if (call.failed) return "fail";
  if (call.statement >= in.statements.size()) return "application";
  return fmt::format("colour{}", colour_of(in.statements[call.statement].system, in));
}

// Where a call lies on the time axis of its request.
std::string bar_of(const request_call& call, const request_report& in) {
  const double begin = percent(call.begin, in.duration);
  const double width = percent(call.begin + call.duration, in.duration) - begin;
  return fmt::format("<i class=\"call {}\" style=\"left:{:.2f}%;width:{:.2f}%\"></i>",
                     css_of(call, in), begin, width);
}

template <class Wanted>
std::string axis_of(const request_report& of, Wanted wanted) {
  std::string bars;
  for (const request_call& call : of.calls) {
    if (wanted(call)) bars += bar_of(call, of);
  }
  return "<div class=\"axis\">" + bars + "</div>";
}

std::string label_of(const statement_share& of) {
  const bool has_summary = of.statement != nullptr && !of.statement->summary.empty();
  return fmt::format("{} {}", escaped(has_summary ? of.statement->summary : of.system),
                     span("site", to_string(of.site)));
}

std::string remarks_on(const statement_share& of) {
  facts known;
  if (of.errors != 0) known.add(span("bad", count_text(of.errors, "error")));
  if (of.duplicates != 0) known.add(human_count(of.duplicates) + " with parameters sent before");
  return known.html().empty() ? std::string{}
                              : fmt::format("<div class=\"facts\">{}</div>", known.html());
}

// All the calls of one statement from one line: what is done over and over looks like a comb.
std::string row_of(std::size_t index, const request_report& in) {
  const statement_share& of = in.statements[index];
  return fmt::format("<div class=\"step\"><div>{}{}</div>{}<div>{}</div><div>{}</div></div>\n",
                     label_of(of), remarks_on(of),
                     axis_of(in, [&](const request_call& one) { return one.statement == index; }),
                     of.calls == 1 ? std::string{} : "<b>" + human_count(of.calls) + " ×</b>",
                     duration_text(of.time));
}

std::string waterfall_of(const request_report& of) {
  std::string rows;
  for (std::size_t i = 0; i < of.statements.size(); ++i) rows += row_of(i, of);
  facts hidden;
  if (of.other_statements != 0) {
    hidden.add(count_text(of.other_statements, "call") + " of further statements");
  }
  if (of.calls_left_out != 0) {
    hidden.add(count_text(of.calls_left_out, "call") + " counted, but without a bar");
  }
  if (!hidden.html().empty()) rows += fmt::format("<p class=\"facts\">{}</p>", hidden.html());
  return rows;
}

std::string share_of(std::string_view css, std::string_view what, std::chrono::nanoseconds spent,
                     const request_report& of) {
  return fmt::format("<span><i class=\"dot {}\"></i>{} {} ({})</span> ", css, escaped(what),
                     duration_text(spent), percent_text(percent(spent, of.duration)));
}

// Who had which part of the request's time.
std::string shares_of(const request_report& of) {
  std::string bar = fmt::format("<i class=\"application\" style=\"width:{:.2f}%\"></i>",
                                percent(of.application, of.duration));
  std::string words = share_of("application", "application", of.application, of);
  for (const backend_share& one : of.backends) {
    const std::chrono::nanoseconds spent = one.phases.total();
    const std::string css = fmt::format("colour{}", colour_of(one.system, of));
    bar += fmt::format("<i class=\"{}\" style=\"width:{:.2f}%\"></i>", css,
                       percent(spent, of.duration));
    words += share_of(css, one.system + ", " + count_text(one.calls, "call") + ',', spent, of);
    if (one.errors != 0) words += span("bad", count_text(one.errors, "error")) + ' ';
  }
  return fmt::format("<div class=\"bar\">{}</div><p class=\"legend\">{}</p>", bar, words);
}

std::uint64_t calls_of(const request_report& of) {
  std::uint64_t calls = 0;
  for (const backend_share& one : of.backends) calls += one.calls;
  return calls;
}

std::string card_of(const request_report& one, std::chrono::system_clock::time_point now,
                    bool is_open) {
  const std::string error =
      one.error_type.empty() ? std::string{} : ' ' + span("tag fail", one.error_type);
  return fmt::format(
      "<li id=\"request-{}\"><div class=\"lead\"><b class=\"time\">{}</b>{}"
      "<p class=\"facts\">{}</p></div><div><p><b>{}</b> {}</p>{}"
      "<details{}><summary>{}{}</summary>{}</details></div></li>\n",
      one.number, duration_text(one.duration), error, moment_text(one.start, now),
      escaped(one.name), span("id", "trace " + trace_id_text(one.self)), shares_of(one),
      is_open ? " open" : "", count_text(calls_of(one), "call"),
      axis_of(one, [](const request_call&) { return true; }), waterfall_of(one));
}

}  // namespace

std::string requests_part(const snapshot& from) {
  if (from.requests.empty()) return {};
  std::string part = "<section id=\"requests\"><h2>Requests</h2><ul>\n";
  for (std::size_t i = 0; i < from.requests.size() && i < most_shown; ++i) {
    part += card_of(*from.requests[i], from.time, i == 0);
  }
  return part + "</ul>" + rest_of(from.requests.size(), most_shown, "requests") + "</section>\n";
}

}  // namespace querytap::detail
