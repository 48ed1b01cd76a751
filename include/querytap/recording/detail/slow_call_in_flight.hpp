#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/recording/detail/in_flight.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>

namespace querytap::detail {

/// A call in flight that has become slow, as the collector found it in its slot.
struct slow_call_in_flight {
  const in_flight_slot* slot;
  std::uint64_t begin;                  // ticks; with the slot, the identity of the call
  std::chrono::nanoseconds slow_after;  // its age is above that
  active_call call;
};

}  // namespace querytap::detail
