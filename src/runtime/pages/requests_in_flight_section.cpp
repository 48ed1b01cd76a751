#include "html.hpp"
#include "page_sections.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

namespace querytap::detail {
namespace {

constexpr std::size_t most_requests_in_flight_shown = 20;

}  // namespace

std::string requests_in_flight_part(const snapshot& snapshot) {
  const auto& requests = snapshot.active_requests;
  if (requests.empty()) return {};
  std::string part = "<section id=\"in-flight\"><h2>Requests in flight</h2><ul>\n";
  for (std::size_t i = 0; i < requests.size() && i < most_requests_in_flight_shown; ++i) {
    part +=
        fmt::format("<li><div class=\"lead\"><b class=\"time\">{}</b></div><div>{}</div></li>\n",
                    human_duration(requests[i].age), escaped(requests[i].name));
  }
  part += "</ul>";
  if (requests.size() > most_requests_in_flight_shown) {
    part += fmt::format("<p class=\"facts\">{} more, younger than these</p>",
                        human_count(requests.size() - most_requests_in_flight_shown));
  }
  return part + "</section>\n";
}

}  // namespace querytap::detail
