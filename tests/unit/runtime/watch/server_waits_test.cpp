// What a call that runs too long waits for is found out until it ends, and reported with it.

#include <runtime/watch/server_waits.hpp>
#include <unit/runtime/slow_call.hpp>

#include <querytap/recording/recorder.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace std::chrono_literals;
using testing::slow_call;

namespace {

struct waiting_inspector final : server_inspector {
  bool serves(const call_report& /*call*/) const override { return true; }
  explained_statement explain(const call_report& /*call*/, deadline /*deadline*/) override {
    return {};
  }
  server_wait wait_of(const call_report& /*call*/, deadline /*deadline*/) override { return wait; }

  server_wait wait{"Lock: transactionid", true};
};

struct waiting {
  call_report call(report_reason reason, std::chrono::nanoseconds duration) const {
    call_report report = slow_call("postgresql", "update t set a = 1");
    report.statement = statement;
    report.reason = reason;
    report.start = start;
    report.duration = report.phases[phase::execute] = duration;
    return report;
  }
  call_report complete(call_report report) {
    waits.complete(report, start + report.duration, {});
    return report;
  }

  recorder telemetry{{.service_name = "test"}};
  detail::report_hub* const hub = &telemetry.part<detail::report_hub>();
  std::shared_ptr<waiting_inspector> server = std::make_shared<waiting_inspector>();
  detail::server_waits waits{{server}};
  std::shared_ptr<const statement_identity> statement =
      slow_call("postgresql", "update t set a = 1").statement;
  std::chrono::system_clock::time_point start =
      std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
};

}  // namespace

TEST_CASE_METHOD(waiting, "a running call says what it waits for, and a lock is its phase",
                 "[server_waits]") {
  const call_report reported = complete(call(report_reason::running, 300ms));
  CHECK(reported.waits_for == "Lock: transactionid");
  CHECK(reported.phases[phase::lock_wait] == 300ms);
  CHECK(reported.phases.total() == reported.duration);
}

TEST_CASE_METHOD(waiting, "a wait for anything except a lock is not a phase", "[server_waits]") {
  server->wait = {"IO: DataFileRead", false};
  const call_report reported = complete(call(report_reason::running, 300ms));
  CHECK(reported.waits_for == "IO: DataFileRead");
  CHECK(reported.phases[phase::execute] == 300ms);
}

TEST_CASE_METHOD(waiting, "when it ends, the time until it was last seen waiting was its wait",
                 "[server_waits]") {
  call_report running = call(report_reason::running, 300ms);
  hub->publish(running);
  running = *telemetry.collect().call_reports.front();
  complete(running);
  waits.ask_again(*hub, start + 900ms, {});
  const auto amended = telemetry.collect().call_reports.front();
  CHECK(amended->duration == 900ms);
  CHECK(amended->phases[phase::lock_wait] == 900ms);
  CHECK(amended->waits_for == "Lock: transactionid");

  server->wait = {};
  waits.ask_again(*hub, start + 1s, {});
  const call_report ended = complete(call(report_reason::slow, 1200ms));
  CHECK(ended.waits_for == "Lock: transactionid");
  CHECK(ended.phases[phase::lock_wait] == 900ms);
  CHECK(ended.phases[phase::execute] == 300ms);
}

TEST_CASE_METHOD(waiting, "another call of the same statement is another", "[server_waits]") {
  complete(call(report_reason::running, 300ms));
  call_report other = call(report_reason::slow, 400ms);
  other.start += 50ms;
  CHECK(complete(other).waits_for.empty());
}
