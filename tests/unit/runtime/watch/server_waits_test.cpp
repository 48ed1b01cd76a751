// A call that runs too long is asked after until it ends, and what it waited for stays known.

#include <runtime/watch/server_waits.hpp>
#include <unit/runtime/slow_call.hpp>

#include <querytap/recording/recorder.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace std::chrono_literals;
using testing::slow_call;

namespace {

struct fake_source final : plan_source {
  bool serves(const slow_query& /*call*/) const override { return true; }
  explained_statement explain(const slow_query& /*call*/, deadline /*until*/) override {
    return {};
  }
  server_wait wait_of(const slow_query& /*call*/, deadline /*until*/) override { return wait; }

  server_wait wait{"Lock: transactionid", true};
};

struct waiting {
  slow_query call(call_class what, std::chrono::nanoseconds duration) const {
    slow_query one = slow_call("postgresql", "update t set a = 1");
    one.statement = statement;
    one.what = what;
    one.start = start;
    one.duration = one.phases[phase::execute] = duration;
    return one;
  }
  slow_query complete(slow_query one) {
    waits.complete(one, start + one.duration, {});
    return one;
  }

  recorder telemetry{{.service_name = "test"}};
  std::shared_ptr<detail::call_log> log = detail::call_log::of(telemetry);
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
  const slow_query told = complete(call(call_class::running, 300ms));
  CHECK(told.waits_for == "Lock: transactionid");
  CHECK(told.phases[phase::lock_wait] == 300ms);
  CHECK(told.phases.total() == told.duration);
}

TEST_CASE_METHOD(waiting, "what is no lock is no phase", "[server_waits]") {
  server->wait = {"IO: DataFileRead", false};
  const slow_query told = complete(call(call_class::running, 300ms));
  CHECK(told.waits_for == "IO: DataFileRead");
  CHECK(told.phases[phase::execute] == 300ms);
}

TEST_CASE_METHOD(waiting, "when it ends, the time until it was last seen waiting was its wait",
                 "[server_waits]") {
  slow_query running = call(call_class::running, 300ms);
  log->tell(running);
  running = *telemetry.collect().slow_queries.front();
  complete(running);
  waits.ask_again(*log, start + 900ms, {});
  const auto amended = telemetry.collect().slow_queries.front();
  CHECK(amended->duration == 900ms);
  CHECK(amended->phases[phase::lock_wait] == 900ms);
  CHECK(amended->waits_for == "Lock: transactionid");

  server->wait = {};
  waits.ask_again(*log, start + 1s, {});
  const slow_query ended = complete(call(call_class::slow, 1200ms));
  CHECK(ended.waits_for == "Lock: transactionid");
  CHECK(ended.phases[phase::lock_wait] == 900ms);
  CHECK(ended.phases[phase::execute] == 300ms);
}

TEST_CASE_METHOD(waiting, "another call of the same statement is another", "[server_waits]") {
  complete(call(call_class::running, 300ms));
  slow_query other = call(call_class::slow, 400ms);
  other.start += 50ms;
  CHECK(complete(other).waits_for.empty());
}
