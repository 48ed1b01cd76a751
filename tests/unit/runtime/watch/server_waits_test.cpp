// A call that runs too long is asked after until it ends, and what it waited for stays known.

#include <runtime/watch/server_waits.hpp>
#include <unit/runtime/slow_call.hpp>

#include <querytap/recording/recorder.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace std::chrono_literals;
using testing::slow_call;

namespace {

struct fake_source final : server_inspector {
  bool serves(const call_report& /*call*/) const override { return true; }
  explained_statement explain(const call_report& /*call*/, deadline /*until*/) override {
    return {};
  }
  server_wait wait_of(const call_report& /*call*/, deadline /*until*/) override { return wait; }

  server_wait wait{"Lock: transactionid", true};
};

struct waiting {
  call_report call(report_reason what, std::chrono::nanoseconds duration) const {
    call_report one = slow_call("postgresql", "update t set a = 1");
    one.statement = statement;
    one.reason = what;
    one.start = start;
    one.duration = one.phases[phase::execute] = duration;
    return one;
  }
  call_report complete(call_report one) {
    waits.complete(one, start + one.duration, {});
    return one;
  }

  recorder telemetry{{.service_name = "test"}};
  detail::report_hub* log = &telemetry.part<detail::report_hub>();
  std::shared_ptr<fake_source> server = std::make_shared<fake_source>();
  detail::server_waits waits{{server}};
  std::shared_ptr<const statement_identity> statement =
      slow_call("postgresql", "update t set a = 1").statement;
  std::chrono::system_clock::time_point start =
      std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
};

}  // namespace

TEST_CASE_METHOD(waiting, "a running call tells what it waits for, and a lock is its phase",
                 "[server_waits]") {
  const call_report reported = complete(call(report_reason::running, 300ms));
  CHECK(reported.waits_for == "Lock: transactionid");
  CHECK(reported.phases[phase::lock_wait] == 300ms);
  CHECK(reported.phases.total() == reported.duration);
}

TEST_CASE_METHOD(waiting, "what is no lock is no phase", "[server_waits]") {
  server->wait = {"IO: DataFileRead", false};
  const call_report reported = complete(call(report_reason::running, 300ms));
  CHECK(reported.waits_for == "IO: DataFileRead");
  CHECK(reported.phases[phase::execute] == 300ms);
}

TEST_CASE_METHOD(waiting, "when it ends, the time until it was last seen waiting was its wait",
                 "[server_waits]") {
  call_report running = call(report_reason::running, 300ms);
  log->publish(running);
  running = *telemetry.collect().call_reports.front();
  complete(running);
  waits.ask_again(*log, start + 900ms, {});
  const auto amended = telemetry.collect().call_reports.front();
  CHECK(amended->duration == 900ms);
  CHECK(amended->phases[phase::lock_wait] == 900ms);
  CHECK(amended->waits_for == "Lock: transactionid");

  server->wait = {};
  waits.ask_again(*log, start + 1s, {});
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
