#include "html.hpp"
#include "page_sections.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

constexpr std::size_t most_requests_shown = 20;
constexpr std::size_t backend_colours = 6;

// All statements and shares of one system have one colour within a request.
std::size_t colour_of(std::string_view system, const request_report& request) {
  const auto found = std::ranges::find(request.backends, system, &backend_share::system);
  return static_cast<std::size_t>(found - request.backends.begin()) % backend_colours;
}

std::string css_of_call(const request_call& call, const request_report& request) {
  if (call.failed) return "fail";
  if (call.statement >= request.statements.size()) return "application";
  return fmt::format("colour{}", colour_of(request.statements[call.statement].system, request));
}

// Where a call lies on the time axis of its request.
std::string bar_of_call(const request_call& call, const request_report& request) {
  const double begin = percent(call.begin, request.duration);
  const double width = percent(call.begin + call.duration, request.duration) - begin;
  return fmt::format("<i class=\"call {}\" style=\"left:{:.2f}%;width:{:.2f}%\"></i>",
                     css_of_call(call, request), begin, width);
}

template <class Condition>
std::string axis_of(const request_report& request, Condition is_shown) {
  std::string bars;
  for (const request_call& call : request.calls) {
    if (is_shown(call)) bars += bar_of_call(call, request);
  }
  return "<div class=\"axis\">" + bars + "</div>";
}

std::string label_of_statement(const statement_share& share) {
  const bool has_summary = share.statement != nullptr && !share.statement->summary.empty();
  return fmt::format("{} {}", escaped(has_summary ? share.statement->summary : share.system),
                     span("site", to_string(share.site)));
}

std::string remarks_on_statement(const statement_share& share) {
  facts remarks;
  if (share.errors != 0) remarks.add(span("bad", count_text(share.errors, "error")));
  if (share.duplicates != 0)
    remarks.add(human_count(share.duplicates) + " with parameters sent before");
  return remarks.html().empty() ? std::string{}
                                : fmt::format("<div class=\"facts\">{}</div>", remarks.html());
}

// All calls of one statement from one source line: a repeated call looks like a comb.
std::string waterfall_row_of(std::size_t index, const request_report& request) {
  const statement_share& share = request.statements[index];
  return fmt::format(
      "<div class=\"step\"><div>{}{}</div>{}<div>{}</div><div>{}</div></div>\n",
      label_of_statement(share), remarks_on_statement(share),
      axis_of(request, [&](const request_call& call) { return call.statement == index; }),
      share.calls == 1 ? std::string{} : "<b>" + human_count(share.calls) + " ×</b>",
      human_duration(share.time));
}

// Where a wait lies on the time axis of its request.
std::string bar_of_wait(const pool_wait& wait, const request_report& request) {
  const double begin = percent(wait.begin, request.duration);
  const double width = percent(wait.begin + wait.duration, request.duration) - begin;
  const std::string css = wait.failed
                              ? std::string{"fail"}
                              : fmt::format("colour{}", colour_of("pool " + wait.pool, request));
  return fmt::format("<i class=\"call {}\" style=\"left:{:.2f}%;width:{:.2f}%\"></i>", css, begin,
                     width);
}

// The waits for pools, each in a row of its own: there are few.
std::string rows_of_waits(const request_report& request) {
  std::string rows;
  for (const pool_wait& wait : request.waits) {
    rows += fmt::format(
        "<div class=\"step\"><div>pool {}{}</div><div class=\"axis\">{}</div><div></div>"
        "<div>{}</div></div>\n",
        escaped(wait.pool), wait.failed ? ' ' + span("bad", "in vain") : std::string{},
        bar_of_wait(wait, request), human_duration(wait.duration));
  }
  return rows;
}

// The stages stand above the calls that they consist of.
std::string rows_of_stages(const request_report& request) {
  std::string rows;
  for (const request_stage& stage : request.stages) {
    const double begin = percent(stage.begin, request.duration);
    const double width = percent(stage.begin + stage.duration, request.duration) - begin;
    rows += fmt::format(
        "<div class=\"step\"><div><b>{}</b> {}{}</div><div class=\"axis\"><i class=\"call {}\" "
        "style=\"left:{:.2f}%;width:{:.2f}%\"></i></div><div>{}</div><div>{}</div></div>\n",
        escaped(stage.stage), escaped(stage.strategy),
        stage.failed ? ' ' + span("bad", "failed") : std::string{},
        stage.failed ? "fail" : "application", begin, width,
        stage.results ? percent_text(percent(stage.duration, request.duration)) + ", " +
                            count_text(*stage.results, "result")
                      : percent_text(percent(stage.duration, request.duration)),
        human_duration(stage.duration));
  }
  return rows;
}

std::string waterfall_of(const request_report& request) {
  std::string rows = rows_of_stages(request) + rows_of_waits(request);
  for (std::size_t i = 0; i < request.statements.size(); ++i) rows += waterfall_row_of(i, request);
  facts hidden;
  if (request.other_statements != 0) {
    hidden.add(count_text(request.other_statements, "call") + " of further statements");
  }
  if (request.calls_left_out != 0) {
    hidden.add(count_text(request.calls_left_out, "call") + " counted, but without a bar");
  }
  if (request.waits_left_out != 0) {
    hidden.add(count_text(request.waits_left_out, "wait") + " for pools without a row");
  }
  if (request.stages_left_out != 0) {
    hidden.add(count_text(request.stages_left_out, "stage") + " without a row");
  }
  if (request.left_out != 0) {
    hidden.add(count_text(request.left_out, "request") +
               " with the same repetition not reported before this one");
  }
  if (!hidden.html().empty()) rows += fmt::format("<p class=\"facts\">{}</p>", hidden.html());
  return rows;
}

std::string legend_of_share(std::string_view css, std::string_view label,
                            std::chrono::nanoseconds spent, const request_report& request) {
  return fmt::format("<span><i class=\"dot {}\"></i>{} {} ({})</span> ", css, escaped(label),
                     human_duration(spent), percent_text(percent(spent, request.duration)));
}

// Pools are not called.
std::string label_of_backend(const backend_share& backend) {
  if (backend.calls == 0) return backend.system;
  return backend.system + ", " + count_text(backend.calls, "call") + ',';
}

// The part of the request's time that each backend and the application took.
std::string shares_of_request(const request_report& request) {
  std::string bar = fmt::format("<i class=\"application\" style=\"width:{:.2f}%\"></i>",
                                percent(request.application, request.duration));
  std::string legend = legend_of_share("application", "application", request.application, request);
  for (const backend_share& backend : request.backends) {
    const std::chrono::nanoseconds spent = backend.phases.total();
    const std::string css = fmt::format("colour{}", colour_of(backend.system, request));
    bar += fmt::format("<i class=\"{}\" style=\"width:{:.2f}%\"></i>", css,
                       percent(spent, request.duration));
    legend += legend_of_share(css, label_of_backend(backend), spent, request);
    if (backend.errors != 0) legend += span("bad", count_text(backend.errors, "error")) + ' ';
  }
  return fmt::format("<div class=\"bar\">{}</div><p class=\"legend\">{}</p>", bar, legend);
}

std::uint64_t calls_of(const request_report& request) {
  std::uint64_t calls = 0;
  for (const backend_share& backend : request.backends) calls += backend.calls;
  return calls;
}

std::string card_of_request(const request_report& request,
                            std::chrono::system_clock::time_point shown_at, bool is_open) {
  const std::string error =
      request.error_type.empty() ? std::string{} : ' ' + span("tag fail", request.error_type);
  return fmt::format(
      "<li id=\"request-{}\"><div class=\"lead\"><b class=\"time\">{}</b>{}"
      "<p class=\"facts\">{}</p></div><div><p><b>{}</b> {}</p>{}"
      "<details{}><summary>{}{}</summary>{}</details></div></li>\n",
      request.number, human_duration(request.duration), error, moment_text(request.start, shown_at),
      escaped(request.name), span("id", "trace " + trace_id_text(request.self)),
      shares_of_request(request), is_open ? " open" : "", count_text(calls_of(request), "call"),
      axis_of(request, [](const request_call&) { return true; }), waterfall_of(request));
}

}  // namespace

std::string requests_part(const snapshot& snapshot) {
  if (snapshot.requests.empty()) return {};
  std::string part = "<section id=\"requests\"><h2>Requests</h2><ul>\n";
  for (std::size_t i = 0; i < snapshot.requests.size() && i < most_requests_shown; ++i) {
    part += card_of_request(*snapshot.requests[i], snapshot.time, i == 0);
  }
  return part + "</ul>" + rest_of(snapshot.requests.size(), most_requests_shown, "requests") +
         "</section>\n";
}

}  // namespace querytap::detail
