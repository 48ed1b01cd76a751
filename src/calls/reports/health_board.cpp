#include "health_board.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <algorithm>

namespace querytap::detail {

void health_board::publish(const void* owner, std::vector<health_report> reports) {
  const parts_lock lock{recorder_};
  const auto known =
      std::ranges::find(by_owner_, owner, [](const auto& item) { return item.first; });
  if (known != by_owner_.end()) {
    known->second = std::move(reports);
  } else {
    by_owner_.emplace_back(owner, std::move(reports));
  }
}

void health_board::withdraw(const void* owner) noexcept {
  const parts_lock lock{recorder_};
  std::erase_if(by_owner_, [&](const auto& item) { return item.first == owner; });
}

void health_board::set_draining(bool is_draining) noexcept {
  const parts_lock lock{recorder_};
  is_draining_ = is_draining;
}

health_board::state health_board::all() const {
  const parts_lock lock{recorder_};
  state result{.is_draining = is_draining_};
  for (const auto& [owner, reports] : by_owner_) {
    result.reports.insert(result.reports.end(), reports.begin(), reports.end());
  }
  return result;
}

std::vector<health_report> health_board::published_by(const void* owner) const {
  const parts_lock lock{recorder_};
  for (const auto& [known, reports] : by_owner_) {
    if (known == owner) return reports;
  }
  return {};
}

void health_board::add_to(snapshot& snapshot) { snapshot.health = all().reports; }

// The checks of the parent do not run in the child, which publishes what its own find.
void health_board::start_from_zero() noexcept { by_owner_.clear(); }

}  // namespace querytap::detail
