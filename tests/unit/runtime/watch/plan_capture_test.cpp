// Plans are captured seldom: once in ten minutes for a statement, twenty times a minute in all.

#include <runtime/watch/plan_capture.hpp>
#include <unit/runtime/slow_call.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace querytap;
using namespace std::chrono_literals;
using testing::slow_call;

namespace {

struct planning_inspector final : server_inspector {
  bool serves(const call_report& call) const override { return call.system == "postgresql"; }
  explained_statement explain(const call_report& /*call*/, deadline /*deadline*/) override {
    ++asked;
    if (fails) throw std::runtime_error{"canary"};
    return {.plan = {.root = {.operation = scans}, .shape = scans == "Seq Scan" ? 1u : 2u}};
  }

  int asked = 0;
  bool fails = false;
  std::string scans = "Seq Scan";
};

struct capturing {
  std::vector<finding> complete(call_report& call) {
    return plans.complete(call, time, std::chrono::steady_clock::now() + 1s);
  }
  call_report complete(std::string_view sql, std::string_view system = "postgresql") {
    call_report call = slow_call(system, sql);
    complete(call);
    return call;
  }

  std::shared_ptr<planning_inspector> server = std::make_shared<planning_inspector>();
  detail::plan_capture plans{{server}};
  std::chrono::system_clock::time_point time =
      std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
};

}  // namespace

TEST_CASE_METHOD(capturing,
                 "a statement's plan is captured once in ten minutes and used in between",
                 "[plan_capture]") {
  CHECK(complete("select a from t where b = 1").plan->root.operation == "Seq Scan");
  time += 9min;
  CHECK(complete("select a from t where b = 2").plan->root.operation == "Seq Scan");
  CHECK(server->asked == 1);
  time += 1min;
  complete("select a from t where b = 3");
  CHECK(server->asked == 2);
}

TEST_CASE_METHOD(capturing, "databases of the same name in other files have plans of their own",
                 "[plan_capture]") {
  for (const std::uint64_t file : {1u, 2u, 1u}) {
    call_report call = slow_call("postgresql", "select a from t where b = 1");
    call.database_file = file;
    complete(call);
  }
  CHECK(server->asked == 2);
}

TEST_CASE_METHOD(capturing, "no more than twenty plans are captured in a minute",
                 "[plan_capture]") {
  for (int i = 0; i < 50; ++i) complete("select a from t" + std::to_string(i));
  CHECK(server->asked == 20);
  CHECK(complete("select a from t49").plan == nullptr);
  time += 1min;
  CHECK(complete("select a from t49").plan != nullptr);
}

TEST_CASE_METHOD(capturing, "a plan that has changed is a finding", "[plan_capture]") {
  call_report call = slow_call("postgresql", "select a from t where b = 1");
  CHECK(complete(call).empty());
  time += 10min;
  server->scans = "Index Scan";
  const auto found = complete(call);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::plan_change);
  CHECK_THAT(found[0].message, Catch::Contains("Seq Scan became Index Scan"));
}

TEST_CASE_METHOD(capturing,
                 "an inspector that fails leaves a reason without its message, and the last plan",
                 "[plan_capture]") {
  complete("select a from t");
  server->fails = true;
  time += 10min;
  const call_report after = complete("select a from t");
  CHECK(after.plan != nullptr);
  CHECK(after.plan_error == "the source of plans failed");
}

TEST_CASE_METHOD(capturing, "calls that no inspector serves, and those that failed, have no plan",
                 "[plan_capture]") {
  CHECK(complete("select a from t", "sqlite").plan == nullptr);
  call_report failed = slow_call("postgresql", "select a from t");
  failed.reason = report_reason::error;
  complete(failed);
  CHECK(server->asked == 0);
}

TEST_CASE_METHOD(capturing, "what a server counts is found without a plan", "[plan_capture]") {
  call_report call = slow_call("sqlite", "select a from t join u using (b)");
  call.automatic_index_rows = 20'000;
  const auto found = complete(call);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == finding_kind::automatic_index);
}

TEST_CASE_METHOD(capturing, "a thousand statements are stored and no more", "[plan_capture]") {
  for (int i = 0; i < 1100; ++i) {
    complete("select a from t" + std::to_string(i));
    time += 3s;
  }
  CHECK(server->asked == 1100);
  for (int i = 0; i < 20; ++i) complete("select b from t" + std::to_string(i));
  // No plan is captured at this time: a plan is there only if it is stored.
  CHECK(complete("select a from t500").plan != nullptr);
  CHECK(complete("select a from t0").plan == nullptr);
}
