#pragma once

#include "lane.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/recording/detail/series.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// True for a call; false for a request, which has a slot only so that its series is not retired.
[[nodiscard]] bool is_operation(const series& series) noexcept;
[[nodiscard]] bool is_request(const series& series) noexcept;

/// The call in a slot, for its readers. Source files are relative to `source_root`.
[[nodiscard]] active_call active_call_in(const in_flight_slot& slot, const series& series,
                                         std::uint64_t age, std::string_view source_root);

/// The calls in flight in these lanes, the oldest first.
[[nodiscard]] std::vector<active_call> find_active(std::span<lane* const> lanes, const clock& time,
                                                   std::string_view source_root);

/// The requests in flight in these lanes, the oldest first.
[[nodiscard]] std::vector<active_request> find_active_requests(std::span<lane* const> lanes,
                                                               const clock& time);

}  // namespace querytap::detail
