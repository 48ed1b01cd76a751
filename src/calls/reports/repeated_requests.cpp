#include "repeated_requests.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::chrono::nanoseconds time_between_repeated_requests = std::chrono::minutes{1};

}  // namespace

repeated_requests::key repeated_requests::key_of(const finding& finding) {
  return {finding.request, finding.system,
          finding.statement == nullptr ? 0 : finding.statement->fingerprint,
          to_string(finding.site)};
}

bool repeated_requests::is_due(const state& known, std::uint64_t ticks) const noexcept {
  const auto between = static_cast<std::uint64_t>(time_between_repeated_requests.count());
  return !known.was_reported || time_.nanoseconds_between(known.reported, ticks) >= between;
}

// The key itself if it is known or finds room in the place of an old one, else the empty key.
repeated_requests::key repeated_requests::key_with_room(key wanted) {
  if (remembered_.contains(wanted) || remembered_.size() < most_remembered) return wanted;
  const auto oldest = std::ranges::min_element(
      remembered_, {}, [](const auto& entry) { return entry.second.reported; });
  if (!is_due(oldest->second, time_.ticks())) return {};
  remembered_.erase(oldest);
  return wanted;
}

bool repeated_requests::is_due(request_report& report, const std::vector<finding>& findings) {
  const std::uint64_t ticks = time_.ticks();
  std::vector<key> keys;
  for (const finding& finding : findings) keys.push_back(key_with_room(key_of(finding)));
  const bool due = std::ranges::any_of(
      keys, [&](const key& repeated) { return is_due(remembered_[repeated], ticks); });
  if (!due) {
    ++remembered_[keys.front()].left_out;  // at one key: no request is counted twice
    return false;
  }
  for (const key& repeated : keys) {
    state& known = remembered_[repeated];
    report.left_out += std::exchange(known.left_out, 0);
    known.reported = ticks;
    known.was_reported = true;
  }
  return true;
}

}  // namespace querytap::detail
