#pragma once

#include <cstddef>

namespace querytap::detail {

// How many servers a load needs, where callers wait for one that is free: the objects of a pool, say.
//
// Load is in units of servers: callers per second times the seconds for which each occupies one. By Little's law
// that is how many are occupied on average.
//
// Source  A. K. Erlang, 1917: arrivals at random, a queue without an end (M/M/c).

/// The share of callers that find all of them occupied, from 0 to 1; 1 where the load is more than they serve.
[[nodiscard]] double waiting_share(std::size_t servers, double load) noexcept;

/// What a caller waits on average, those that do not wait included, as a multiple of the time for which one
/// is occupied; infinite where the load is more than they serve.
[[nodiscard]] double mean_wait(std::size_t servers, double load) noexcept;

/// The fewest with which no more than this share of callers waits; `most` where even that many are too few.
[[nodiscard]] std::size_t servers_needed(double load, double share, std::size_t most) noexcept;

}  // namespace querytap::detail
