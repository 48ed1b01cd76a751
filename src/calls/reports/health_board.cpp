#include "health_board.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace querytap::detail {
namespace {

// Whoever sets the gauges is the one that has stopped.
void correct_status_metric(const std::vector<health_report>& reports, snapshot& snapshot) {
  for (std::shared_ptr<const metric>& shown : snapshot.metrics) {
    if (shown->instrument != &catalog::health_status) continue;
    metric corrected = *shown;
    for (point& p : corrected.points) {
      const attribute_value* const component = p.series->labels.find("querytap.component");
      const attribute_value* const status = p.series->labels.find("querytap.health.status");
      if (component == nullptr || status == nullptr) continue;
      const auto report =
          std::ranges::find(reports, to_string(*component), &health_report::component);
      if (report == reports.end()) continue;
      p.number = to_string(*status) == to_string(report->status) ? 1 : 0;
    }
    shown = std::make_shared<const metric>(std::move(corrected));
  }
}

}  // namespace

bool health_board::claim(const void* owner, const std::string& component) {
  const parts_lock lock{recorder_};
  return owner_of_.emplace(component, owner).second;
}

void health_board::release(const void* owner) noexcept {
  const parts_lock lock{recorder_};
  std::erase_if(owner_of_, [&](const auto& item) { return item.second == owner; });
}

void health_board::publish(const void* owner, std::vector<health_report> reports,
                           std::chrono::nanoseconds valid_for) {
  const std::uint64_t ticks = recorder_.time().ticks();
  const parts_lock lock{recorder_};
  const auto known = std::ranges::find(by_owner_, owner, &published::owner);
  if (known != by_owner_.end()) {
    *known = {owner, std::move(reports), ticks, valid_for};
  } else {
    by_owner_.push_back({owner, std::move(reports), ticks, valid_for});
  }
}

void health_board::withdraw(const void* owner) noexcept {
  const parts_lock lock{recorder_};
  std::erase_if(by_owner_, [&](const published& item) { return item.owner == owner; });
}

void health_board::drain() noexcept {
  const parts_lock lock{recorder_};
  is_draining_ = true;
}

health_board::state health_board::all() const {
  const parts_lock lock{recorder_};
  state result{.is_draining = is_draining_};
  for (const published& item : by_owner_) {
    std::ranges::move(known(item), std::back_inserter(result.reports));
  }
  return result;
}

std::vector<health_report> health_board::published_by(const void* owner) const {
  const parts_lock lock{recorder_};
  const auto found = std::ranges::find(by_owner_, owner, &published::owner);
  return found == by_owner_.end() ? std::vector<health_report>{} : known(*found);
}

bool health_board::is_outdated(const published& all_of_owner) const {
  const std::chrono::nanoseconds age{static_cast<std::int64_t>(
      recorder_.time().nanoseconds_between(all_of_owner.ticks, recorder_.time().ticks()))};
  return age > all_of_owner.valid_for;
}

std::vector<health_report> health_board::known(const published& all_of_owner) const {
  std::vector<health_report> reports = all_of_owner.reports;
  if (!is_outdated(all_of_owner)) return reports;
  for (health_report& report : reports) {
    // A process that was found to be of no use is restarted all the same.
    const bool is_dead =
        report.role == health_role::liveness && report.status == health_status::fail;
    if (is_dead) continue;
    report.status = health_status::unknown;
    report.reason =
        "the checks have stopped: whatever they call, such as on_change, does not return";
    report.advice = "look at what the threads of the process are doing";
  }
  return reports;
}

void health_board::add_to(snapshot& snapshot) {
  std::vector<health_report> outdated;
  {
    const parts_lock lock{recorder_};
    for (const published& item : by_owner_) {
      if (is_outdated(item)) std::ranges::move(known(item), std::back_inserter(outdated));
    }
  }
  if (!outdated.empty()) correct_status_metric(outdated, snapshot);
  snapshot.health = all().reports;
}

// The checks of the parent do not run in the child, which publishes what its own find.
void health_board::start_from_zero() noexcept {
  by_owner_.clear();
  is_draining_ = false;
}

}  // namespace querytap::detail
