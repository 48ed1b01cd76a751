#include "source_board.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <algorithm>

namespace querytap::detail {
namespace {

// Two servers of one kind have the same instruments, each of which is in a snapshot once.
void add_metric(const std::shared_ptr<const metric>& added, snapshot& snapshot) {
  const auto known = std::ranges::find(snapshot.metrics, added->instrument,
                                       [](const auto& present) { return present->instrument; });
  if (known == snapshot.metrics.end()) {
    snapshot.metrics.push_back(added);
    return;
  }
  auto both = std::make_shared<metric>(**known);
  both->points.insert(both->points.end(), added->points.begin(), added->points.end());
  *known = std::move(both);
}

}  // namespace

void source_board::publish(const void* owner, reports current) {
  const parts_lock lock{recorder_};
  const auto known =
      std::ranges::find(by_owner_, owner, [](const auto& item) { return item.first; });
  if (known != by_owner_.end()) {
    known->second.swap(current);
  } else {
    by_owner_.emplace_back(owner, std::move(current));
  }
}

void source_board::withdraw(const void* owner) noexcept {
  const parts_lock lock{recorder_};
  std::erase_if(by_owner_, [&](const auto& item) { return item.first == owner; });
}

void source_board::add_to(snapshot& snapshot) {
  {
    const parts_lock lock{recorder_};
    for (const auto& [owner, current] : by_owner_) {
      snapshot.sources.insert(snapshot.sources.end(), current.begin(), current.end());
    }
  }
  for (const auto& source : snapshot.sources) {
    if (source->state == source_state::absent) continue;
    for (const auto& metric : source->metrics) add_metric(metric, snapshot);
  }
}

void source_board::start_from_zero() noexcept { by_owner_.clear(); }

}  // namespace querytap::detail
