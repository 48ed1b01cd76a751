// A budget adds up what its tenant has spent, says once that it is used up, and refuses only where the
// application wants that.

#include <querytap/base/error.hpp>
#include <querytap/calls/models/budget.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

std::string findings_of(capture& telemetry) {
  std::string text;
  for (const auto& found : telemetry.recorder().collect().findings) {
    text += std::string{to_string(found->kind)} + " " + found->tenant + ": " + found->message +
            " x" + std::to_string(found->seen) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("the call that exceeds a budget makes a finding, once in a period") {
  capture telemetry;
  const budget of_acme{telemetry.recorder(), {.tenant = "acme", .limit = money::dollars(2)}};
  of_acme.add(money::dollars(2));
  CHECK(findings_of(telemetry) == "");
  of_acme.add(money::dollars(1));
  of_acme.add(money::dollars(1));
  CHECK(findings_of(telemetry) ==
        "budget_exceeded acme: tenant acme has spent $3.0000 on models, of $2.0000 x1\n");
  CHECK(telemetry.text("querytap.gen_ai.budget.spent") == "querytap.tenant=acme value=4000000000");
  CHECK(telemetry.text("querytap.gen_ai.budget.limit") == "querytap.tenant=acme value=2000000000");
  const budget of_other{telemetry.recorder(), {.tenant = "other", .limit = money{1}}};
  of_other.add(money{2});
  CHECK_THAT(findings_of(telemetry), Catch::Contains("acme") && Catch::Contains("other"));
}

TEST_CASE("a new period begins with nothing spent") {
  capture telemetry;
  const budget_options daily{.tenant = "acme", .limit = money::dollars(1)};
  const budget of_acme{telemetry.recorder(), daily};
  of_acme.add(money::dollars(3));
  CHECK(of_acme.is_used_up());
  telemetry.time().advance(24h);
  CHECK(of_acme.spent() == money{});
  CHECK_FALSE(of_acme.is_used_up());
  of_acme.add(money::dollars(3));
  CHECK_THAT(findings_of(telemetry), Catch::Contains("x2"));

  const budget forever{
      telemetry.recorder(),
      {.tenant = "ever", .limit = money::dollars(1), .period = budget_period::never}};
  forever.add(money::dollars(1));
  telemetry.time().advance(24h * 400);
  CHECK(forever.spent() == money::dollars(1));
}

TEST_CASE("a daily and a monthly budget of one tenant hold each by itself") {
  capture telemetry;
  const auto refuse = [](const budget_use&) { return false; };
  const budget daily{telemetry.recorder(),
                     {.tenant = "acme", .limit = money::dollars(2), .may_exceed = refuse}};
  const budget monthly{telemetry.recorder(),
                       {.tenant = "acme",
                        .limit = money::dollars(3),
                        .period = budget_period::month,
                        .may_exceed = refuse}};
  daily.add(money::dollars(2));
  CHECK(monthly.allows());
  CHECK_FALSE(daily.allows());
  CHECK(monthly.spent() == money::dollars(2));
  telemetry.time().advance(24h);
  CHECK(daily.allows());
  daily.add(money::dollars(1));
  CHECK((daily.allows() && !monthly.allows()) == (monthly.spent() == money::dollars(3)));
}

TEST_CASE("a sum that exceeds all numbers stays used up") {
  capture telemetry;
  const budget of_acme{telemetry.recorder(), {.tenant = "acme", .limit = money::dollars(1)}};
  const money absurd{std::numeric_limits<std::int64_t>::max()};
  for (int i = 0; i < 3; ++i) of_acme.add(absurd);
  CHECK(of_acme.spent() == absurd);
  CHECK(of_acme.is_used_up());
}

TEST_CASE("only the application refuses, and it is asked once nothing is left") {
  capture telemetry;
  const budget lenient{telemetry.recorder(), {.tenant = "acme", .limit = money::dollars(1)}};
  int asked = 0;
  const budget strict{
      telemetry.recorder(),
      {.tenant = "acme", .limit = money::dollars(1), .may_exceed = [&](const budget_use& use) {
         ++asked;
         CHECK(use.tenant == "acme");
         CHECK(use.limit == money::dollars(1));
         return use.spent < money::dollars(2);
       }}};
  CHECK(strict.allows());
  CHECK(asked == 0);
  lenient.add(money::dollars(1));  // budgets of a tenant are one account
  CHECK(strict.allows());
  CHECK(asked == 1);
  lenient.add(money::dollars(1));
  CHECK_FALSE(strict.allows());
  CHECK(lenient.allows());
}

TEST_CASE("a budget of nothing allows no call where the application refuses") {
  capture telemetry;
  const budget none{telemetry.recorder(),
                    {.tenant = "acme", .may_exceed = [](const budget_use&) { return false; }}};
  CHECK_FALSE(none.allows());
}

TEST_CASE("what many threads spend adds up") {
  capture telemetry;
  const budget shared{telemetry.recorder(), {.tenant = "acme", .limit = money{50'000}}};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25'000; ++i) shared.add(money{1});
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(shared.spent() == money{100'000});
  CHECK_THAT(findings_of(telemetry), Catch::Contains(" x1\n"));
}

TEST_CASE("a budget that cannot be is refused") {
  capture telemetry;
  CHECK_THROWS_AS((budget{telemetry.recorder(), {.limit = money{1}}}), configuration_error);
  CHECK_THROWS_WITH((budget{telemetry.recorder(), {.tenant = "a", .limit = money{-1}}}),
                    Catch::Contains("limit"));
}

TEST_CASE("past ten thousand tenants the others share one account") {
  capture telemetry;
  for (int i = 0; i < 10'000; ++i) {
    (void)budget{telemetry.recorder(), {.tenant = std::to_string(i), .limit = money::dollars(1)}};
  }
  const budget late{telemetry.recorder(), {.tenant = "late", .limit = money::dollars(1)}};
  const budget later{telemetry.recorder(), {.tenant = "later", .limit = money::dollars(1)}};
  late.add(money{5});
  CHECK(later.spent() == money{5});
  const budget strict{telemetry.recorder(),
                      {.tenant = "strict", .limit = money{1}, .may_exceed = [](const budget_use&) {
                         return false;
                       }}};
  CHECK(strict.allows());  // what the others have spent is not its own
  CHECK_FALSE(strict.is_used_up());
  CHECK(findings_of(telemetry) == "");
}
