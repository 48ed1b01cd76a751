#include <querytap/runtime/health/health.hpp>

#include "../../base/one_line.hpp"
#include "health_job.hpp"

#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace querytap {
namespace {

constexpr std::chrono::hours longest_interval{24 * 365};

void expect_positive(std::string_view option, std::chrono::milliseconds given,
                     std::string_view component) {
  if (given > std::chrono::milliseconds::zero()) return;
  throw configuration_error{option, fmt::format("{} ms", given.count()),
                            fmt::format("health check '{}': expected more than 0 ms", component)};
}

// What is not alive is restarted, which mends neither a server nor the way to it.
void expect_alive_by_itself(const health_check& check) {
  if (check.role != health_role::liveness) return;
  const bool asks_others = check.probe != nullptr && !check.probe->looks_at_process_alone();
  if (!asks_others && check.traffic.empty()) return;
  throw configuration_error{
      "role", "liveness",
      fmt::format("health check '{}': expected the role readiness or optional, since {} more than "
                  "this process, and a restart would not mend it",
                  check.component, asks_others ? "its probe asks" : "its calls show")};
}

health_check validated_check(health_check check) {
  if (check.component.empty()) {
    throw configuration_error{"component", "", "health check: expected a name"};
  }
  if (detail::one_line(check.component) != check.component) {
    throw configuration_error{"component", detail::one_line(check.component),
                              "health check: expected one line of UTF-8"};
  }
  if (check.probe == nullptr && check.traffic.empty()) {
    throw configuration_error{
        "probe", "null",
        fmt::format("health check '{}': expected a probe, or the labels of calls",
                    check.component)};
  }
  expect_alive_by_itself(check);
  expect_positive("interval", check.interval, check.component);
  expect_positive("time_limit", check.time_limit, check.component);
  if (check.failures == 0 || check.successes == 0) {
    throw configuration_error{
        check.failures == 0 ? "failures" : "successes", "0",
        fmt::format("health check '{}': expected 1 or more", check.component)};
  }
  if (check.slow_from < std::chrono::milliseconds::zero()) {
    throw configuration_error{
        "slow_from", fmt::format("{} ms", check.slow_from.count()),
        fmt::format("health check '{}': expected 0 ms or more", check.component)};
  }
  check.interval = std::min<std::chrono::milliseconds>(check.interval, longest_interval);
  check.time_limit = std::min<std::chrono::milliseconds>(check.time_limit, longest_interval);
  check.slow_from = std::min<std::chrono::milliseconds>(check.slow_from, longest_interval);
  return check;
}

health_options validated_health_options(health_options options) {
  for (health_check& check : options.checks) check = validated_check(std::move(check));
  return options;
}

}  // namespace

namespace detail {

// Two checks of one name would overwrite each other's metrics, whichever objects they belong to.
class claimed_components {
 public:
  claimed_components(health_board& board, const std::vector<health_check>& checks) : board_{board} {
    for (const health_check& check : checks) {
      if (board.claim(this, check.component)) continue;
      board.release(this);
      throw configuration_error{"component", check.component,
                                "health check: expected a name that no other check has"};
    }
  }
  ~claimed_components() { board_.release(this); }
  claimed_components(const claimed_components&) = delete;
  claimed_components& operator=(const claimed_components&) = delete;

 private:
  health_board& board_;
};

}  // namespace detail

class health::implementation {
 public:
  implementation(recorder& telemetry, health_options options)
      : recorder_{telemetry},
        options_{validated_health_options(std::move(options))},
        components_{recorder_.part<detail::health_board>(), options_.checks},
        uses_{options_.checks.size()},
        task_{[this](detail::background_thread& thread) {
          uses_.enter_process();
          return std::make_unique<detail::health_job>(thread, recorder_, options_, uses_, this);
        }} {}

  [[nodiscard]] std::vector<health_report> reports() const {
    return recorder_.part<detail::health_board>().published_by(this);
  }

  void drain() {
    recorder_.part<detail::health_board>().drain();
    if (options_.notify_systemd) detail::systemd_notifier{}.send("STOPPING=1");
  }

 private:
  recorder& recorder_;
  const health_options options_;
  const detail::claimed_components components_;
  detail::health_uses uses_;
  detail::background_task<detail::health_job>
      task_;  // where nothing is recorded too: orchestrators ask
};

health::health(recorder& recorder, health_options options)
    : implementation_{std::make_unique<implementation>(recorder, std::move(options))} {}

health::~health() = default;

std::vector<health_report> health::reports() const { return implementation_->reports(); }

void health::drain() { implementation_->drain(); }

}  // namespace querytap
