// What collectors find is in every snapshot, as old as it is said to be; a collector that fails or hangs is told of, and
// delays nothing.

#include <calls/reports/source_board.hpp>
#include <runtime/collectors/awaited_rounds.hpp>
#include <runtime/collectors/collected_source.hpp>
#include <runtime/collectors/source_series.hpp>

#include <querytap/base/error.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/snapshot/snapshot_difference.hpp>
#include <querytap/testing/capture.hpp>
#include <support/set_task_clock.hpp>
#include <support/wait.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::detail;
using namespace querytap::testing;
using namespace std::chrono_literals;

constexpr instrument clients{"shop.clients", "{client}", instrument_kind::gauge, "Clients."};
constexpr instrument commands{"shop.commands", "{command}", instrument_kind::counter, "Commands."};
constexpr instrument uptime{"shop.uptime", "s", instrument_kind::gauge, "Uptime."};
constexpr instrument load{"shop.load", "1", instrument_kind::gauge, "Load.", {}, {}, 1'000'000};

/// Finds what a test says.
class told_collector final : public collector {
 public:
  using work = std::function<void(collected&)>;

  explicit told_collector(work find, std::string name = "shop")
      : find_{std::move(find)}, name_{std::move(name)} {}

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::chrono::nanoseconds interval() const override { return 10s; }
  [[nodiscard]] std::chrono::nanoseconds time_limit() const override { return 1s; }
  [[nodiscard]] attributes calls_to_join() const override { return {{"db.system.name", "sqlite"}}; }
  void collect(collected& found, deadline) override { find_(found); }

 private:
  work find_;
  std::string name_;
};

/// One source, asked when a test says so.
struct source_lab {
  explicit source_lab(told_collector::work find)
      : source{collector_in_use{std::make_shared<told_collector>(std::move(find))},
               telemetry.recorder(), 100, clock.now()} {
    telemetry.time().advance(1h);  // the epoch stands for never
  }

  void ask() {
    const auto call = source.begin(clock.now());
    call();
    source.ended(clock.now(), clock.now());
  }
  void pass_time(std::chrono::nanoseconds passed) {
    clock.advance(passed);
    telemetry.time().advance(passed);
  }
  [[nodiscard]] std::shared_ptr<const source_report> report() { return source.report(clock.now()); }

  capture telemetry;
  set_task_clock clock;
  collected_source source;
};

std::string text_of(const std::vector<std::shared_ptr<const metric>>& metrics) {
  std::string text;
  for (const auto& metric : metrics) {
    for (const point& p : metric->points) {
      if (!text.empty()) text += ", ";
      text += std::string{metric->instrument->name} + '{' + to_string(p.series->labels) +
              "}=" + std::to_string(p.number);
    }
  }
  return text;
}

}  // namespace

TEST_CASE("numbers keep their units: whole ones exactly, seconds and shares in their parts",
          "[collected]") {
  collected found{{{"server.address", "db"}}};
  found.add(clients, 12);
  found.add(uptime, 3);
  found.add(uptime, 0.25, {{"which", "second"}});
  found.add(load, 0.5);
  found.add(commands, std::uint64_t{9'007'199'254'740'993});
  found.add(clients, std::optional<int>{});
  found.add(load, std::numeric_limits<double>::quiet_NaN());
  found.add(load, std::numeric_limits<double>::infinity());
  source_series series;
  CHECK(
      text_of(series.update(found.numbers(), {})) ==
      "shop.clients{server.address=db}=12, shop.uptime{server.address=db}=3000000000, "
      "shop.uptime{server.address=db which=second}=250000000, shop.load{server.address=db}=500000, "
      "shop.commands{server.address=db}=9007199254740993");
}

TEST_CASE("a series is the same from one collection to the next, until its counter falls",
          "[collectors]") {
  source_series series;
  const auto identity_at = [&](int value, std::chrono::seconds time) {
    collected found;
    found.add(commands, value);
    return series.update(found.numbers(), std::chrono::system_clock::time_point{time})[0]
        ->points[0]
        .series;
  };
  const auto first = identity_at(10, 1s);
  CHECK(identity_at(12, 2s) == first);
  const auto second = identity_at(3, 3s);
  CHECK(second != first);
  CHECK(second->start == std::chrono::system_clock::time_point{3s});
  CHECK(identity_at(4, 4s) == second);
}

TEST_CASE("what a server had counted before it was first asked is no difference, in no way out",
          "[collectors]") {
  int value = 1'000'000;
  capture telemetry;
  telemetry.time().advance(1h);
  set_task_clock clock;
  collected_source source{collector_in_use{std::make_shared<told_collector>(
                              [&](collected& found) { found.add(commands, value); })},
                          telemetry.recorder(), 100, clock.now()};
  const auto look = [&] {
    source.begin(clock.now())();
    source.ended(clock.now(), clock.now());
    telemetry.recorder().part<source_board>().publish(&source, {source.report(clock.now())});
    return telemetry.recorder().collect();
  };
  const auto number_of = [](const snapshot& recorded) -> std::int64_t {
    const auto points = recorded.find("shop.commands");
    return points.empty() ? 0 : points[0].number;
  };
  const snapshot before = telemetry.recorder().collect();
  const snapshot first = look();
  CHECK(number_of(first) == 1'000'000);
  CHECK(number_of(difference(first, before)) == 0);
  CHECK(number_of(difference(first, {})) == 0);
  value += 3;
  const snapshot second = look();
  CHECK(number_of(difference(second, first)) == 3);
  CHECK(number_of(difference(second, before)) == 3);
  value = 5;  // the server was restarted
  CHECK(number_of(difference(look(), second)) == 5);
}

TEST_CASE("a gauge may fall, and a series is given once", "[collectors]") {
  source_series series;
  collected found;
  found.add(clients, 10);
  found.add(clients, 11);
  const auto first = series.update(found.numbers(), {});
  CHECK(text_of(first) == "shop.clients{}=10");
  collected less;
  less.add(clients, 5);
  CHECK(series.update(less.numbers(), {})[0]->points[0].series == first[0]->points[0].series);
}

TEST_CASE("values are fresh, then stale, then left out", "[collectors]") {
  source_lab lab{[](collected& found) { found.add(clients, 7); }};
  CHECK(lab.report()->state == source_state::waiting);
  lab.ask();
  CHECK(lab.report()->state == source_state::fresh);
  lab.pass_time(21s);
  CHECK(lab.report()->state == source_state::fresh);
  lab.pass_time(1s);
  CHECK(lab.report()->state == source_state::stale);
  CHECK(text_of(lab.report()->metrics) == "shop.clients{}=7");
  lab.pass_time(79s);
  CHECK(lab.report()->state == source_state::absent);
  CHECK(lab.telemetry.text("querytap.source.age") == "querytap.source=shop value=101000000000");
}

TEST_CASE("a collector that fails keeps its last values, and is asked less and less often",
          "[collectors]") {
  bool fails = false;
  source_lab lab{[&](collected& found) {
    if (fails) throw collect_error{"no answer in time"};
    found.add(clients, 7);
  }};
  lab.ask();
  CHECK(lab.source.due() == lab.clock.now() + 10s);
  fails = true;
  for (const auto wait : {20s, 40s, 80s, 80s}) {
    lab.ask();
    CHECK(lab.source.due() == lab.clock.now() + wait);
  }
  CHECK(lab.report()->error == "no answer in time");
  CHECK(text_of(lab.report()->metrics) == "shop.clients{}=7");
  CHECK(lab.telemetry.text("querytap.source.failures") ==
        "querytap.reason=error querytap.source=shop value=4\n"
        "querytap.reason=timeout querytap.source=shop value=0");
  fails = false;
  lab.ask();
  CHECK(lab.report()->error.empty());
  CHECK(lab.source.due() == lab.clock.now() + 10s);
}

TEST_CASE(
    "a collector that overruns its limit is cut off, counted once, and its late values are not "
    "taken",
    "[collectors]") {
  source_lab lab{[](collected& found) { found.add(clients, 7); }};
  const auto call = lab.source.begin(lab.clock.now());
  const auto begun = lab.clock.now();
  lab.pass_time(2s);
  lab.source.overdue(begun, lab.clock.now());
  lab.source.overdue(begun, lab.clock.now());
  CHECK(lab.report()->error == "has not answered within 2.00 s");
  CHECK(lab.report()->state == source_state::absent);
  call();
  lab.source.ended(begun, lab.clock.now());
  CHECK(lab.report()->metrics.empty());
  CHECK_THAT(lab.telemetry.text("querytap.source.failures"),
             Catch::Contains("querytap.reason=timeout querytap.source=shop value=1"));
  lab.ask();
  CHECK(lab.report()->state == source_state::fresh);
}

TEST_CASE("whatever a collector throws is a failure, and no part of its numbers is taken",
          "[collectors]") {
  source_lab lab{[](collected& found) {
    found.add(clients, 7);
    throw 42;
  }};
  lab.ask();
  CHECK(lab.report()->error == "something was thrown that is no std::exception");
  CHECK(lab.report()->metrics.empty());
  CHECK(lab.report()->state == source_state::absent);
}

TEST_CASE("a counter that was left out for long comes back as a new series", "[collectors]") {
  int value = 1000;
  source_lab lab{[&](collected& found) { found.add(commands, value); }};
  lab.ask();
  value = 1100;
  lab.ask();
  const auto before = lab.report()->metrics[0]->points[0].series;
  CHECK(before->at_start == 1000);
  lab.pass_time(101s);
  CHECK(lab.report()->state == source_state::absent);
  value = 5000;
  lab.ask();
  const auto after = lab.report()->metrics[0]->points[0].series;
  CHECK(after != before);
  CHECK(after->at_start == 5000);
}

TEST_CASE("a collector that cannot be asked has failed", "[collectors]") {
  source_lab lab{[](collected& found) { found.add(clients, 7); }};
  lab.source.not_begun(lab.clock.now(), "no thread");
  CHECK(lab.report()->error == "could not be asked: no thread");
  CHECK(lab.source.due() == lab.clock.now() + 10s);
}

TEST_CASE("statements of a server stand beside the application's", "[collectors]") {
  std::uint64_t server_calls = 100;
  std::shared_ptr<const statement_identity> select;
  source_lab lab{[&](collected& found) {
    found.set_statements_read();
    found.add(server_statement{.statement = select,
                               .database = "chat",
                               .calls = server_calls,
                               .time = std::chrono::milliseconds{static_cast<int>(server_calls)}});
  }};
  const backend store{lab.telemetry.recorder(),
                      {.system = "sqlite", .database = "chat", .dialect = dialect::sqlite}};
  const auto call = [&] {
    operation made{store.statement_for("select 1")};
    lab.telemetry.time().advance(3ms);
  };
  call();
  for (const point& p : lab.telemetry.recorder().collect().find("db.client.operation.duration")) {
    select = p.statement;
  }
  lab.ask();
  REQUIRE(lab.report()->unavailable.size() == 1);
  CHECK_THAT(lab.report()->unavailable[0].reason,
             Catch::Contains("nothing to show before the second"));
  for (int i = 0; i < 5; ++i) call();
  server_calls = 107;
  lab.ask();
  CHECK(lab.report()->unavailable.empty());
  const auto report = lab.report();
  REQUIRE(report->statements.size() == 1);
  const joined_statement& row = report->statements[0];
  CHECK(row.client_calls == 5);
  CHECK(row.client_time == 15ms);
  CHECK(row.server.calls == 7);
  CHECK(row.outside_server() == 2ms);
  CHECK(row.remark == "other clients made 2 or more of the server's calls");
}

TEST_CASE("what is found is in snapshots, those of two servers under one instrument",
          "[collectors]") {
  capture telemetry;
  const auto find = [](std::string_view address) {
    return [address](collected& found) {
      found.set_common({{"server.address", address}});
      found.add(clients, 5);
      found.lacks("shop.orders", "needs version 2");
    };
  };
  {
    const collectors sources{telemetry.recorder(),
                             {.sources = {std::make_shared<told_collector>(find("a"), "shop a"),
                                          std::make_shared<told_collector>(find("b"), "shop b")}}};
    REQUIRE(became_true(
        [&] { return telemetry.recorder().collect().find("shop.clients").size() == 2; }));
    CHECK(telemetry.text("shop.clients") == "server.address=a value=5\nserver.address=b value=5");
    const snapshot collected = telemetry.recorder().collect();
    REQUIRE(collected.sources.size() == 2);
    CHECK(collected.sources[0]->name == "shop a");
    CHECK(collected.sources[0]->unavailable[0].name == "shop.orders");
  }
  CHECK(telemetry.recorder().collect().sources.empty());
  CHECK(telemetry.recorder().collect().find("shop.clients").empty());
}

TEST_CASE(
    "a collector that gives up at its deadline has taken too long, and one that is refused has not",
    "[collectors]") {
  class waiting_collector final : public collector {
   public:
    [[nodiscard]] std::string name() const override { return "shop"; }
    [[nodiscard]] std::chrono::nanoseconds time_limit() const override { return 30ms; }
    void collect(collected&, deadline until) override {
      if (waits) std::this_thread::sleep_until(until - 1ms);
      throw collect_error{"no answer"};
    }
    bool waits = true;
  };
  capture telemetry;
  set_task_clock clock;
  const auto asked = std::make_shared<waiting_collector>();
  collected_source source{collector_in_use{asked}, telemetry.recorder(), 100, clock.now()};
  const auto ask = [&] {
    source.begin(clock.now())();
    source.ended(clock.now(), clock.now());
    return telemetry.text("querytap.source.failures");
  };
  CHECK(ask() ==
        "querytap.reason=error querytap.source=shop value=0\n"
        "querytap.reason=timeout querytap.source=shop value=1");
  asked->waits = false;
  CHECK(ask() ==
        "querytap.reason=error querytap.source=shop value=1\n"
        "querytap.reason=timeout querytap.source=shop value=1");
}

TEST_CASE("ask_now returns with new values of every source, also where one fails", "[collectors]") {
  capture telemetry;
  std::atomic<int> value{1};
  collectors sources{
      telemetry.recorder(),
      {.sources = {std::make_shared<told_collector>(
                       [&](collected& found) { found.add(clients, value.load()); }, "shop a"),
                   std::make_shared<told_collector>([](collected&) { throw collect_error{"no"}; },
                                                    "shop b")}}};
  for (int i = 2; i < 10; ++i) {
    value = i;
    sources.ask_now();
    const auto points = telemetry.recorder().collect().find("shop.clients");
    REQUIRE(points.size() == 1);
    CHECK(points[0].number == i);
  }
}

TEST_CASE("an answer that comes while ask_now is waking the collectors is not waited for again",
          "[collectors]") {
  awaited_rounds rounds;
  int waked = 0;
  const auto answer_at_once = [&] {
    ++waked;
    REQUIRE(rounds.begin(task_clock::time_point{1s}));
    rounds.end();
  };
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) rounds.wait(2s, answer_at_once, [] { return false; });
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
  CHECK(waked == 3);
}

TEST_CASE("ask_now does not wait for a source that hangs", "[collectors]") {
  class hanging_collector final : public collector {
   public:
    [[nodiscard]] std::string name() const override { return "hanging"; }
    [[nodiscard]] std::chrono::nanoseconds time_limit() const override { return 1ms; }
    void collect(collected&, deadline) override {
      while (!is_over->load()) std::this_thread::sleep_for(1ms);
    }
    std::shared_ptr<std::atomic<bool>> is_over = std::make_shared<std::atomic<bool>>(false);
  };
  capture telemetry;
  const auto stuck = std::make_shared<hanging_collector>();
  {
    collectors sources{telemetry.recorder(), {.sources = {stuck}}};
    sources.ask_now();
    sources.ask_now();
    CHECK_THAT(telemetry.recorder().collect().sources.at(0)->error,
               Catch::StartsWith("has not answered within"));
  }
  stuck->is_over->store(true);
}

TEST_CASE("ask_now returns though a collection takes longer than its interval", "[collectors]") {
  class slow_collector final : public collector {
   public:
    [[nodiscard]] std::string name() const override { return "slow"; }
    [[nodiscard]] std::chrono::nanoseconds interval() const override { return 1ms; }
    void collect(collected& found, deadline) override {
      std::this_thread::sleep_for(3ms);
      found.add(clients, 1);
    }
  };
  capture telemetry;
  collectors sources{telemetry.recorder(), {.sources = {std::make_shared<slow_collector>()}}};
  for (int i = 0; i < 5; ++i) sources.ask_now();
  CHECK(telemetry.recorder().collect().find("shop.clients").size() == 1);
}

TEST_CASE("a histogram is nothing that a collector can give", "[collected]") {
  constexpr instrument latency{"shop.latency", "s", instrument_kind::histogram, "Latency."};
  collected found;
  CHECK_THROWS_AS(found.add(latency, 1), std::invalid_argument);
}

TEST_CASE("sources that cannot be told apart are refused", "[collectors]") {
  capture telemetry;
  const auto source = std::make_shared<told_collector>([](collected&) {});
  CHECK_THROWS_AS((collectors{telemetry.recorder(), {.sources = {nullptr}}}), configuration_error);
  CHECK_THROWS_WITH(
      (collectors{telemetry.recorder(), {.sources = {source, source}}}),
      "querytap: option 'sources' = 'shop': expected a name that no other source has");
}
