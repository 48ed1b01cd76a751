#include "queueing.hpp"

#include <limits>

namespace querytap::detail {
namespace {

// Erlang B by its recursion, which neither overflows nor cancels: the share that would be turned away if
// nobody could wait.
double turned_away_share(std::size_t servers, double load) noexcept {
  double share = 1;
  for (std::size_t n = 1; n <= servers; ++n) {
    share = load * share / (static_cast<double>(n) + load * share);
  }
  return share;
}

// Erlang C from Erlang B.
double waiting_share_of(std::size_t servers, double load, double turned_away) noexcept {
  const auto count = static_cast<double>(servers);
  if (load >= count) return 1;
  return turned_away / (1 - load / count * (1 - turned_away));
}

}  // namespace

double waiting_share(std::size_t servers, double load) noexcept {
  return waiting_share_of(servers, load, turned_away_share(servers, load));
}

double mean_wait(std::size_t servers, double load) noexcept {
  const double spare = static_cast<double>(servers) - load;
  if (spare <= 0) return std::numeric_limits<double>::infinity();
  return waiting_share(servers, load) / spare;
}

std::size_t servers_needed(double load, double share, std::size_t most) noexcept {
  double turned_away = 1;
  for (std::size_t servers = 1; servers < most; ++servers) {
    turned_away = load * turned_away / (static_cast<double>(servers) + load * turned_away);
    if (waiting_share_of(servers, load, turned_away) <= share) return servers;
  }
  return most;
}

}  // namespace querytap::detail
