#include "health_job.hpp"

#include "../../base/call_guarded.hpp"

#include <querytap/recording/recorder.hpp>

#include <algorithm>
#include <utility>

namespace querytap::detail {
namespace {

// On a machine that is busy with other things, a thread may have to wait for seconds.
constexpr std::chrono::nanoseconds shortest_silence = std::chrono::seconds{30};

}  // namespace

health_job::health_job(background_thread& thread, recorder& telemetry,
                       const health_options& options, const health_uses& uses, const void* owner)
    : call_scheduler{thread},
      thread_{thread},
      recorder_{telemetry},
      options_{options},
      on_change_use_{uses.on_change},
      owner_{owner},
      board_{telemetry.part<health_board>()},
      hub_{telemetry.part<report_hub>()} {
  for (std::size_t i = 0; i < options.checks.size(); ++i) {
    auto component = std::make_unique<checked_component>(
        options.checks[i], uses.probes[i], telemetry,
        [this]() -> const snapshot& { return collected(); },
        [this](finding change, const health_report& report) { publish(std::move(change), report); },
        thread.now());
    components_.push_back(component.get());
    add(std::move(component));
  }
  if (options.notify_systemd) {
    systemd_.emplace();
    if (systemd_->watchdog().has_value()) watchdog_due_ = thread.now();
  }
  changed();
}

health_job::~health_job() { board_.withdraw(owner_); }

health_job::time_point health_job::due() { return std::min(call_scheduler::due(), watchdog_due_); }

void health_job::step() {
  collected_.reset();
  call_scheduler::step();
  collected_.reset();
}

const snapshot& health_job::collected() {
  if (!collected_.has_value()) collected_ = recorder_.collect();
  return *collected_;
}

void health_job::changed() {
  std::vector<health_report> reports;
  std::chrono::nanoseconds silence = shortest_silence;
  for (const checked_component* component : components_) {
    component->show_status();
    reports.push_back(component->report());
    silence = std::max(silence, component->longest_silence());
  }
  board_.publish(owner_, std::move(reports), silence);
  notify_systemd();
  // The last, since nobody knows how long it takes.
  for (const health_report& report : std::exchange(news_for_callback_, {})) {
    const occupancy::visit inside{on_change_use_};
    call_guarded([&] { options_.on_change(report); });
  }
}

// A status that is good from the start is no news for people, but for a callback it is.
void health_job::publish(finding change, const health_report& report) {
  if (!change.component.empty()) hub_.publish(std::move(change));
  // Its locks may be held for ever, and everything here would wait for them.
  if (on_change_use_->was_cut_off()) return;
  if (options_.on_change) news_for_callback_.push_back(report);
}

// Ready once everything that requests need has been found well; alive as long as this thread is, and no check of
// the process itself fails.
void health_job::notify_systemd() {
  if (!systemd_.has_value()) return;
  const auto has_failed = [](const checked_component* component) {
    const health_report report = component->report();
    return report.role == health_role::liveness && report.status == health_status::fail;
  };
  const auto is_waited_for = [](const checked_component* component) {
    const health_report report = component->report();
    return report.role != health_role::optional && report.status != health_status::pass &&
           report.status != health_status::warn;
  };
  if (!has_said_ready_ && std::ranges::none_of(components_, is_waited_for)) {
    systemd_->send("READY=1");
    has_said_ready_ = true;
  }
  if (thread_.now() < watchdog_due_) return;
  watchdog_due_ = thread_.now() + *systemd_->watchdog() / 2;
  if (std::ranges::none_of(components_, has_failed)) systemd_->send("WATCHDOG=1");
}

}  // namespace querytap::detail
