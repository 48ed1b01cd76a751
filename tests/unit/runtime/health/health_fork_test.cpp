// In the child of a fork nothing is used that a thread was inside when it forked, and what is not used is said.

#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/health/health.hpp>
#include <support/fork.hpp>
#include <support/wait.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

/// Answers once it may, with a lock held all the time.
class locked_probe final : public health_probe {
 public:
  health_answer look(deadline) override {
    const std::lock_guard lock{mutex_};
    is_inside.release();
    may_return.acquire();
    return {};
  }

  std::binary_semaphore is_inside{0};
  std::counting_semaphore<> may_return{0};

 private:
  std::mutex mutex_;
};

health_check check_of(std::string component, std::shared_ptr<health_probe> probe,
                      attributes traffic = {}, std::chrono::milliseconds interval = 100ms) {
  return {.component = std::move(component),
          .probe = std::move(probe),
          .traffic = std::move(traffic),
          .interval = interval,
          .time_limit = 5s};
}

std::shared_ptr<health_probe> well() {
  return make_probe([](health_probe::deadline) { return health_answer{}; });
}

const std::string why_no_probe =
    "this process was forked off while its probe was running, and does not use it";

}  // namespace

TEST_CASE("a probe that was running at a fork is not used in the child, which says so") {
  recorder telemetry{{.service_name = "chatbot"}};
  const auto asked = std::make_shared<locked_probe>();
  const auto asked_with_traffic = std::make_shared<locked_probe>();
  std::optional<health> checks;
  checks.emplace(telemetry, health_options{.checks = {check_of("documents", asked),
                                                      check_of("sessions", asked_with_traffic,
                                                               {{"db.system.name", "redis"}}),
                                                      check_of("worker", well(), {}, 1h)}});
  REQUIRE(asked->is_inside.try_acquire_for(10s));
  REQUIRE(asked_with_traffic->is_inside.try_acquire_for(10s));
  REQUIRE(became_true([&] { return checks->reports().at(2).status == health_status::pass; }));
  const auto is_told = [&] {
    const auto reports = checks->reports();
    return reports.at(0).status == health_status::unknown && reports[0].reason == why_no_probe &&
           !reports[0].advice.empty() && reports[1].status == health_status::warn &&
           reports[1].reason == why_no_probe && reports[1].is_passive &&
           reports[2].status == health_status::pass;
  };
  const auto child = [&] {
    if (!became_true(is_told)) return false;
    // A child of the child has no better copy.
    const bool grandchild = exit_code_of_child([&] { return became_true(is_told); }) == 0;
    checks.reset();
    return grandchild;
  };
  CHECK(exit_code_of_child(child) == 0);
  asked->may_return.release(1000);
  asked_with_traffic->may_return.release(1000);
  CHECK(became_true([&] {
    const auto reports = checks->reports();
    return reports[0].status == health_status::pass && reports[1].status == health_status::pass;
  }));
}

TEST_CASE("a probe that was not running at a fork is used in the child") {
  recorder telemetry{{.service_name = "chatbot"}};
  const auto asked = std::make_shared<locked_probe>();
  health_check once = check_of("documents", asked);
  once.interval = 1h;
  const health checks{telemetry, {.checks = {once}}};
  asked->may_return.release();
  const auto is_well = [&] { return checks.reports().at(0).status == health_status::pass; };
  REQUIRE(became_true(is_well));
  CHECK(exit_code_of_child([&] {
          asked->may_return.release();
          return became_true(is_well);
        }) == 0);
}

TEST_CASE("a callback that was running at a fork is not called in the child, whose checks go on") {
  recorder telemetry{{.service_name = "chatbot"}};
  std::binary_semaphore is_inside{0};
  std::counting_semaphore<> may_return{0};
  std::mutex held_by_callback;
  std::optional<health> checks;
  checks.emplace(telemetry, health_options{.checks = {check_of("worker", well())},
                                           .on_change = [&](const health_report&) {
                                             const std::lock_guard lock{held_by_callback};
                                             is_inside.release();
                                             may_return.acquire();
                                           }});
  REQUIRE(is_inside.try_acquire_for(10s));
  CHECK(exit_code_of_child([&] {
          const bool is_well =
              became_true([&] { return checks->reports().at(0).status == health_status::pass; });
          checks.reset();
          return is_well;
        }) == 0);
  may_return.release(1000);
}
