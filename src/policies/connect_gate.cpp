#include "connect_gate.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

using namespace std::chrono_literals;

// One or two failures may be chance, and cost the next caller no time.
constexpr std::uint64_t failures_without_pause = 2;
constexpr std::chrono::nanoseconds first_pause = 100ms;
constexpr std::chrono::nanoseconds longest_pause = 10s;

constexpr std::chrono::nanoseconds between_looks = 1s;
// Fewer say little of the server.
constexpr std::uint64_t fewest_uses = 20;
// For so long the last verdict holds where fewer follow.
constexpr std::chrono::nanoseconds longest_verdict = 10s;
constexpr double much_longer = 2;
// A tenfold latency is accepted as the usual one after some six looks.
constexpr double share_of_latest = 0.1;

}  // namespace

void connect_gate::succeeded() noexcept {
  if (connecting_ != 0) --connecting_;  // a fork amid it has forgotten it
  failures_in_a_row_ = 0;
  retry_at_ = nanoseconds{0};
}

void connect_gate::failed(nanoseconds time) noexcept {
  if (connecting_ != 0) --connecting_;  // a fork amid it has forgotten it
  ++failures_in_a_row_;
  if (failures_in_a_row_ <= failures_without_pause) return;
  const auto doublings =
      std::min<std::uint64_t>(failures_in_a_row_ - failures_without_pause - 1, 16);
  const nanoseconds pause = std::min(first_pause * (std::int64_t{1} << doublings), longest_pause);
  const auto half = static_cast<double>(pause.count()) / 2;
  // Callers that were already connecting fail later than the first: none of them shortens the pause.
  retry_at_ =
      std::max(retry_at_, time + nanoseconds{static_cast<std::int64_t>(half * (1 + chance()))});
}

std::chrono::nanoseconds connect_gate::next_look() const noexcept {
  return looked_at_ + between_looks;
}

void connect_gate::look(nanoseconds time, std::uint64_t uses,
                        std::uint64_t used_nanoseconds) noexcept {
  looked_at_ = time;
  const std::uint64_t latest = uses - uses_;
  if (latest < fewest_uses) {
    if (time - judged_at_ > longest_verdict) rises_ = false;
    return;
  }
  judged_at_ = time;
  const double mean =
      static_cast<double>(used_nanoseconds - used_nanoseconds_) / static_cast<double>(latest);
  uses_ = uses;
  used_nanoseconds_ = used_nanoseconds;
  rises_ = usual_ > 0 && mean > much_longer * usual_;
  usual_ = usual_ > 0 ? usual_ + share_of_latest * (mean - usual_) : mean;
}

double connect_gate::chance() noexcept {
  return static_cast<double>(random_() - std::minstd_rand::min()) /
         static_cast<double>(std::minstd_rand::max() - std::minstd_rand::min());
}

}  // namespace querytap::detail
