#include "incident_page.hpp"

#include "html.hpp"
#include "page_sections.hpp"
#include "page_style.hpp"
#include "pool_table.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

std::string service_of(const snapshot& from) {
  const attribute_value* name = from.resource.find("service.name");
  return name == nullptr ? std::string{} : escaped(to_string(*name));
}

std::string head(const snapshot& from, bool paused) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">{}"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>{} · querytap</title><style>{}</style></head><body>\n",
      paused ? "" : "<meta http-equiv=\"refresh\" content=\"5\">", service_of(from), page_style);
}

std::string link(std::string_view to, std::size_t count, std::string_view what,
                 std::string_view css_if_any) {
  if (count == 0) return fmt::format("<a>0 {}</a>", what);
  return fmt::format("<a href=\"#{}\" class=\"{}\">{} {}</a>", to, css_if_any, count, what);
}

std::size_t callers_waiting(const snapshot& from) {
  std::int64_t waiting = 0;
  for (const pool_row& pool : pool_table(from)) waiting += pool.waiting;
  return static_cast<std::size_t>(std::max<std::int64_t>(0, waiting));
}

// How things are, before anybody reads on.
std::string overview(const snapshot& from) {
  return "<nav>" +
         link("findings", from.findings.size(), from.findings.size() == 1 ? "finding" : "findings",
              "warn") +
         link("running", long_running(from).size(), "still running", "bad") +
         link("slow", ended_calls(from).size(), "slow or failed", "warn") +
         link("pools", callers_waiting(from), "waiting for a connection", "bad") + "</nav>";
}

std::string header(const snapshot& from, bool paused) {
  using std::chrono::floor;
  return fmt::format(
      "<header><h1>{}</h1><p>{:%Y-%m-%d %H:%M:%S} UTC · counting since {} · {}</p>{}</header>\n",
      service_of(from), fmt::gmtime(floor<std::chrono::seconds>(from.time)),
      moment_text(from.start, from.time),
      paused ? "paused, <a href=\"?\">go on</a>"
             : "every 5 s, <a href=\"?paused\">pause</a> to read",
      overview(from));
}

constexpr std::string_view footer =
    "<footer class=\"facts\">as JSON: <a href=\"slow\">/slow</a> · "
    "<a href=\"requests\">/requests</a> · <a href=\"findings\">/findings</a></footer>";

}  // namespace

std::string render_status_page(const snapshot& from, bool paused) {
  return head(from, paused) + header(from, paused) + findings_part(from) + running_part(from) +
         slow_part(from) + pools_part(from) + requests_part(from) + statements_part(from) +
         std::string{footer} + "</body></html>\n";
}

}  // namespace querytap::detail
