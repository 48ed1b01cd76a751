#include "in_flight_calls.hpp"

#include <querytap/snapshot/call_convention.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <atomic>
#include <functional>

namespace querytap::detail {
bool is_operation(const series& series) noexcept {
  return series.identity != nullptr && is_call_duration(*series.identity->instrument);
}

bool is_request(const series& series) noexcept {
  return series.identity != nullptr &&
         series.identity->instrument->name == catalog::request_duration.name;
}

active_call active_call_in(const in_flight_slot& slot, const series& series, std::uint64_t age,
                           std::string_view source_root) {
  const auto site = code_location::at(slot.site.load(std::memory_order_relaxed));
  return {series.identity, series.statement,
          std::chrono::nanoseconds{static_cast<std::int64_t>(age)}, site_of(site, source_root)};
}

std::vector<active_call> find_active(std::span<lane* const> lanes, const clock& time,
                                     std::string_view source_root) {
  std::vector<active_call> found;
  const std::uint64_t end = time.ticks();
  for_each_in_flight(lanes, [&](const series& series, const in_flight_slot& slot) {
    if (!is_operation(series)) return;
    const std::uint64_t begin = slot.begin.load(std::memory_order_relaxed);
    found.push_back(
        active_call_in(slot, series, time.nanoseconds_between(begin, end), source_root));
  });
  std::ranges::sort(found, std::greater{}, &active_call::age);
  return found;
}

std::vector<active_request> find_active_requests(std::span<lane* const> lanes, const clock& time) {
  std::vector<active_request> found;
  const std::uint64_t end = time.ticks();
  for_each_in_flight(lanes, [&](const series& series, const in_flight_slot& slot) {
    if (!is_request(series)) return;
    const std::uint64_t begin = slot.begin.load(std::memory_order_relaxed);
    const attribute_value* const name = series.identity->labels.find("querytap.request.name");
    found.push_back({name == nullptr ? "_OTHER" : to_string(*name),
                     std::chrono::nanoseconds{
                         static_cast<std::int64_t>(time.nanoseconds_between(begin, end))}});
  });
  std::ranges::sort(found, std::greater{}, &active_request::age);
  return found;
}

}  // namespace querytap::detail
