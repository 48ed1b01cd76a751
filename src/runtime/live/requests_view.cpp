#include "text_filter.hpp"
#include "view_data.hpp"

#include <algorithm>
#include <string>

namespace querytap::detail {
namespace {

json row_of_request(const request_report& request) {
  json object = brief_of(request);
  std::uint64_t calls = 0;
  for (const backend_share& backend : request.backends) calls += backend.calls;
  object["calls"] = calls;
  return object;
}

}  // namespace

json requests_view(const view_query& asked, view_data& shown) {
  std::vector<std::shared_ptr<const request_report>> wanted;
  std::ranges::copy_if(
      shown.current().requests, std::back_inserter(wanted),
      [&](const auto& request) { return contains_ignoring_case(request->name, asked.text); });
  const std::size_t found = wanted.size();
  if (asked.sort == "duration") {
    std::ranges::stable_sort(wanted, [&](const auto& a, const auto& b) {
      return asked.is_ascending ? a->duration < b->duration : a->duration > b->duration;
    });
  }
  json rows = json::array();
  for (std::size_t i = 0; i < std::min(found, asked.limit); ++i)
    rows.push_back(row_of_request(*wanted[i]));
  json in_flight = json::array();
  for (const active_request& request : shown.current().active_requests) {
    in_flight.push_back(
        {{"name", request.name}, {"seconds", short_number(seconds_of(request.age))}});
  }
  return {{"all", shown.current().requests.size()},
          {"found", found},
          {"rows", std::move(rows)},
          {"in_flight", std::move(in_flight)}};
}

json request_view(const view_query& asked, view_data& shown) {
  const auto& requests = shown.current().requests;
  const auto found = std::ranges::find_if(
      requests, [&](const auto& request) { return std::to_string(request->number) == asked.id; });
  return found == requests.end() ? json(nullptr) : json_of(**found);
}

}  // namespace querytap::detail
