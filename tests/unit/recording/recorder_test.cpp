// A recorder counts every measurement once, in the series it was bound to, within its limits.

#include <querytap/calls/backend.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

const attributes sqlite{{"db.system.name", "sqlite"}};

std::uint64_t total_count(const std::vector<point>& points) {
  std::uint64_t total = 0;
  for (const point& p : points) total += p.histogram->count();
  return total;
}

std::int64_t value_of(recorder& recorder, std::string_view name, std::string_view key,
                      std::string_view value) {
  for (const point& p : recorder.collect().find(name)) {
    const attribute_value* found = p.series->labels.find(key);
    if (found != nullptr && to_string(*found) == value) return p.number;
  }
  return -1;
}

std::string service_name_of(recorder_options options) {
  recorder recorder{std::move(options)};
  return to_string(*recorder.collect().resource.find("service.name"));
}

class environment_variable {
 public:
  environment_variable(const char* name, const char* value) : name_{name} {
    setenv(name, value, 1);
  }
  ~environment_variable() { unsetenv(name_); }

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("a snapshot has what was recorded into a histogram") {
  capture telemetry;
  const histogram latency =
      telemetry.recorder().bind_histogram(catalog::operation_duration, sqlite);
  latency.record(30ms);
  latency.record(30ms);
  latency.record(2s);

  CHECK(telemetry.text("db.client.operation.duration") ==
        "db.system.name=sqlite count=3 sum=2.06 (0.0287,0.0312]=2 (1.83,2]=1");
}

TEST_CASE("a time before zero counts as none") {
  capture telemetry;
  telemetry.recorder().bind_histogram(catalog::operation_duration, sqlite).record(-5ms);
  CHECK(telemetry.text("db.client.operation.duration") ==
        "db.system.name=sqlite count=1 sum=0 (0,0]=1");
}

TEST_CASE("counters grow, up-down counters go both ways, gauges have the last value") {
  capture telemetry;
  recorder& recorder = telemetry.recorder();
  const attributes pool{{"db.client.connection.pool.name", "documents"}};
  const counter timeouts = recorder.bind_counter(catalog::connection_timeouts, pool);
  timeouts.add();
  timeouts.add(2);
  const up_down_counter pending =
      recorder.bind_up_down_counter(catalog::connection_pending_requests, pool);
  pending.add(5);
  pending.add(-7);
  const gauge active = recorder.bind_gauge(catalog::operation_active, sqlite);
  active.set(4);
  active.set(3);

  CHECK(telemetry.text("db.client.connection.timeouts") ==
        "db.client.connection.pool.name=documents value=3");
  CHECK(telemetry.text("db.client.connection.pending_requests") ==
        "db.client.connection.pool.name=documents value=-2");
  CHECK(telemetry.text("querytap.operation.active") == "db.system.name=sqlite value=3");
}

TEST_CASE("one thread may subtract from an up-down counter what another added") {
  capture telemetry;
  const up_down_counter pending =
      telemetry.recorder().bind_up_down_counter(catalog::connection_pending_requests, {});
  pending.add(3);
  std::thread{[&] { pending.add(-3); }}.join();
  CHECK(telemetry.text("db.client.connection.pending_requests") == "value=0");
}

TEST_CASE("the same attributes bind the same series, in any order") {
  capture telemetry;
  recorder& recorder = telemetry.recorder();
  recorder.bind_histogram(catalog::operation_duration, {{"a", "1"}, {"b", "2"}}).record(1ms);
  recorder.bind_histogram(catalog::operation_duration, {{"b", "2"}, {"a", "1"}}).record(1ms);
  CHECK(recorder.collect().find("db.client.operation.duration").size() == 1);
}

TEST_CASE("attributes that only look alike bind different series") {
  capture telemetry;
  recorder& recorder = telemetry.recorder();
  const auto bind = [&](const attributes& labels) {
    recorder.bind_counter(catalog::connection_timeouts, labels).add();
  };
  bind({{"a", "b=c"}});
  bind({{"a=b", "c"}});
  bind({{"a", 1}});
  bind({{"a", "1"}});
  bind({{"a", "1|1:b=0:1:2"}});
  bind({{"a", "1"}, {"b", "2"}});
  CHECK(recorder.collect().find("db.client.connection.timeouts").size() == 6);
}

TEST_CASE("statements are recorded apart and exported as their summary") {
  capture telemetry;
  recorder& recorder = telemetry.recorder();
  for (const std::uint64_t fingerprint : {1U, 2U}) {
    const auto statement = std::make_shared<const statement_identity>(
        statement_identity{.fingerprint = fingerprint, .text = "s" + std::to_string(fingerprint)});
    recorder.bind_histogram(catalog::operation_duration, sqlite, statement).record(1ms);
  }
  CHECK(telemetry.text_by_statement("db.client.operation.duration") ==
        "\"s1\" db.system.name=sqlite count=1 sum=0.001 (0.000977,0.001]=1\n"
        "\"s2\" db.system.name=sqlite count=1 sum=0.001 (0.000977,0.001]=1");
  CHECK(telemetry.text("db.client.operation.duration") ==
        "db.system.name=sqlite count=2 sum=0.002 (0.000977,0.001]=2");
}

TEST_CASE("past the series limit nothing is lost: the overflow series counts it") {
  capture telemetry{{.series_limit = 3}};
  recorder& recorder = telemetry.recorder();
  for (int i = 0; i < 10; ++i) {
    recorder.bind_histogram(catalog::operation_duration, {{"db.namespace", i}}).record(1ms);
  }
  const auto points = recorder.collect().find("db.client.operation.duration");
  CHECK(points.size() == 4);
  CHECK(total_count(points) == 10);
  CHECK(to_string(points.back().series->labels) == "otel.metric.overflow=true");
  CHECK(points.back().histogram->count() == 7);
}

TEST_CASE("series at the limit still count their own records, and never overflow by their rate") {
  capture telemetry{{.series_limit = 2}};
  recorder& recorder = telemetry.recorder();
  for (int i = 0; i < 10'000; ++i) {
    recorder.bind_histogram(catalog::operation_duration, {{"db.namespace", i % 2}}).record(1ms);
  }
  const auto points = recorder.collect().find("db.client.operation.duration");
  CHECK(points.size() == 2);
  CHECK(total_count(points) == 10'000);
}

TEST_CASE("an overflow names the instrument and the attribute at fault") {
  capture telemetry{{.series_limit = 5}};
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(telemetry.recorder().bind_histogram(
        catalog::operation_duration, {{"db.system.name", "sqlite"}, {"db.namespace", i}}));
  }
  CHECK(
      telemetry.text("querytap.overflow") ==
      "querytap.attribute=db.namespace querytap.instrument=db.client.operation.duration value=15");
}

TEST_CASE("what overflowed for one attribute stays with it when another becomes the one at fault") {
  capture telemetry{{.series_limit = 4, .retire_idle_after = 0s}};
  recorder& recorder = telemetry.recorder();
  const auto bind_seven = [&](std::string_view key) {
    std::vector<histogram> bound;
    for (int i = 0; i < 7; ++i) {
      bound.push_back(
          recorder.bind_histogram(catalog::operation_duration, {{std::string{key}, i}}));
    }
    return bound;
  };
  const std::string instrument = " querytap.instrument=db.client.operation.duration value=3";
  for (const histogram& bound : bind_seven("db.namespace")) {
    static_cast<void>(recorder.collect());
    recorder.release(bound);
  }
  CHECK(telemetry.text("querytap.overflow") == "querytap.attribute=db.namespace" + instrument);
  static_cast<void>(bind_seven("server.port"));
  CHECK(telemetry.text("querytap.overflow") == "querytap.attribute=db.namespace" + instrument +
                                                   "\nquerytap.attribute=server.port" + instrument);
}

TEST_CASE("a series that the recorder makes about itself is the same one in each snapshot") {
  capture telemetry{{.series_limit = 1}};
  for (int i = 0; i < 5; ++i) {
    static_cast<void>(
        telemetry.recorder().bind_histogram(catalog::operation_duration, {{"db.namespace", i}}));
  }
  const backend sqlite{telemetry.recorder(), {.system = "sqlite"}};
  const auto identities = [&] {
    std::set<const series_identity*> all;
    for (const auto& metric : telemetry.recorder().collect().metrics) {
      for (const point& p : metric->points) all.insert(p.series.get());
    }
    return all;
  };
  const snapshot retained = telemetry.recorder().collect();  // no address is used again
  const auto first = identities();
  CHECK(first.size() > 5);
  CHECK(identities() == first);
}

TEST_CASE("past the byte limit records go to the overflow series, and memory stays where it is") {
  capture telemetry{{.byte_limit = 100'000}};
  recorder& recorder = telemetry.recorder();
  for (int i = 0; i < 1'900; ++i) {
    recorder.bind_histogram(catalog::operation_duration, {{"db.namespace", i}}).record(1ms);
  }
  CHECK(total_count(recorder.collect().find("db.client.operation.duration")) == 1'900);
  CHECK(value_of(recorder, "querytap.memory.usage", "querytap.part", "lanes") < 200'000);
}

TEST_CASE("a handle that was never bound records nothing, in old threads and new ones") {
  capture telemetry;
  telemetry.recorder().bind_counter(catalog::connection_timeouts, {}).add();
  const auto record_nowhere = [] {
    histogram{}.record(1);
    counter{}.add();
    up_down_counter{}.add(-1);
    gauge{}.set(1);
  };
  record_nowhere();
  std::thread{record_nowhere}.join();
  CHECK(telemetry.text("db.client.connection.timeouts") == "value=1");
}

TEST_CASE("two recorders count separately what one thread records into them in turn") {
  capture first;
  capture second;
  const counter a = first.recorder().bind_counter(catalog::connection_timeouts, {});
  const counter b = second.recorder().bind_counter(catalog::connection_timeouts, {});
  for (int i = 0; i < 10; ++i) {
    a.add();
    b.add(10);
  }
  CHECK(first.text("db.client.connection.timeouts") == "value=10");
  CHECK(second.text("db.client.connection.timeouts") == "value=100");
}

TEST_CASE("a snapshot is not changed by what is recorded after it") {
  capture telemetry;
  const histogram latency = telemetry.recorder().bind_histogram(catalog::operation_duration, {});
  latency.record(1ms);
  const snapshot before = telemetry.recorder().collect();
  latency.record(1ms);
  CHECK(total_count(before.find("db.client.operation.duration")) == 1);
}

TEST_CASE("thresholds of a service level are edges of every duration histogram") {
  capture telemetry{{.slo_thresholds = {200ms}}};
  const histogram latency = telemetry.recorder().bind_histogram(catalog::operation_duration, {});
  for (const auto duration : {199ms, 200ms, 201ms}) latency.record(duration);
  const auto points = telemetry.recorder().collect().find("db.client.operation.duration");
  CHECK(points.at(0).histogram->count_at_or_below(0.2) == 2);
}

TEST_CASE("an instrument is bound as its own kind, and under one definition") {
  capture telemetry;
  recorder& recorder = telemetry.recorder();
  CHECK_THROWS_WITH(recorder.bind_counter(catalog::operation_duration, {}),
                    "querytap: instrument 'db.client.operation.duration' is a histogram, "
                    "bound as a counter");
  static constexpr instrument other{
      .name = "db.client.connection.timeouts", .unit = "By", .kind = instrument_kind::counter};
  static_cast<void>(recorder.bind_counter(catalog::connection_timeouts, {}));
  CHECK_THROWS_WITH(recorder.bind_counter(other, {}),
                    Catch::Contains("'db.client.connection.timeouts' is already bound"));
}

TEST_CASE("an instrument that is refused leaves nothing behind") {
  capture telemetry;
  recorder& recorder = telemetry.recorder();
  static constexpr double negative[] = {-1};
  static constexpr double rising[] = {1, 2};
  static constexpr instrument refused{.name = "shop.cart.value",
                                      .unit = "{cent}",
                                      .kind = instrument_kind::histogram,
                                      .bounds = negative};
  static constexpr instrument usable{.name = "shop.cart.value",
                                     .unit = "{cent}",
                                     .kind = instrument_kind::histogram,
                                     .bounds = rising};
  for (int i = 0; i < 2; ++i) CHECK_THROWS(recorder.bind_histogram(refused, {}));
  CHECK(telemetry.text("shop.cart.value").empty());
  recorder.bind_histogram(usable, {}).record(1);
  CHECK_THAT(telemetry.text("shop.cart.value"), Catch::StartsWith("count=1 "));
}

TEST_CASE("equal instruments of two libraries are one, also where a series is retired") {
  static constexpr instrument here{.name = "shop.carts", .unit = "1"};
  static constexpr instrument there{.name = "shop.carts", .unit = "1"};
  capture telemetry{{.retire_idle_after = 0s}};
  recorder& recorder = telemetry.recorder();
  for (const instrument* const bound : {&here, &there}) {
    const counter carts =
        recorder.bind_counter(*bound, {{"shop", bound == &here ? "first" : "second"}});
    carts.add(3);
    static_cast<void>(recorder.collect());
    recorder.release(carts);
  }
  static_cast<void>(recorder.collect());
  const snapshot end = recorder.collect();
  REQUIRE(end.retired.size() == 1);
  CHECK(end.retired[0].number == 6);
  CHECK(end.find("shop.carts").empty());

  // What is made in the memory of retired series has nothing of theirs.
  recorder.bind_counter(catalog::connection_timeouts, {}).add();
  CHECK(telemetry.text(catalog::connection_timeouts.name) == "value=1");
}

TEST_CASE("series of one instrument may have bounds of their own, and overflow into one") {
  static constexpr double coarse[] = {1, 10};
  static constexpr double fine[] = {0.25, 1, 10};
  static constexpr instrument wide{
      .name = "shop.wait", .unit = "s", .kind = instrument_kind::histogram, .bounds = coarse};
  static constexpr instrument narrow{
      .name = "shop.wait", .unit = "s", .kind = instrument_kind::histogram, .bounds = fine};
  capture telemetry{{.series_limit = 2, .retire_idle_after = 0s}};
  recorder& recorder = telemetry.recorder();
  const histogram first = recorder.bind_histogram(wide, {{"shop", "a"}});
  const histogram second = recorder.bind_histogram(narrow, {{"shop", "b"}});
  for (const histogram& bound : {first, second, recorder.bind_histogram(narrow, {{"shop", "c"}})}) {
    bound.record(250ms);
    bound.record(300ms);
  }
  const auto points = recorder.collect().find("shop.wait");
  REQUIRE(points.size() == 3);
  CHECK(points[0].histogram->explicit_counts() == std::vector<std::uint64_t>{2, 0, 0});
  CHECK(points[1].histogram->explicit_counts() == std::vector<std::uint64_t>{1, 1, 0, 0});
  CHECK(points[2].histogram->explicit_counts() == std::vector<std::uint64_t>{2, 0, 0});
  CHECK(recorder.bind_histogram(wide, {{"shop", "b"}}).target().layout == second.target().layout);

  recorder.release(first);
  recorder.release(second);
  recorder.release(second);
  static_cast<void>(recorder.collect());
  const snapshot end = recorder.collect();
  REQUIRE(end.retired.size() == 1);
  CHECK(end.retired[0].histogram->count() == 4);
}

TEST_CASE("past the byte limit a value is counted by the bounds of the series that counts it") {
  static constexpr double none[] = {1'000'000};
  static constexpr double fine[] = {1, 2, 3, 5, 7, 9, 11, 13, 15, 17};
  static constexpr instrument wide{
      .name = "shop.items", .unit = "{item}", .kind = instrument_kind::histogram, .bounds = none};
  static constexpr instrument narrow{
      .name = "shop.items", .unit = "{item}", .kind = instrument_kind::histogram, .bounds = fine};
  capture telemetry{{.byte_limit = 1}};
  static_cast<void>(telemetry.recorder().bind_histogram(wide, {}));
  const histogram full = telemetry.recorder().bind_histogram(narrow, {{"shop", "b"}});
  for (const std::uint64_t value : {3U, 9U, 17U, 100U}) full.record(value);
  CHECK(telemetry.text("shop.items") ==
        "otel.metric.overflow=true count=4 sum=129 (2,3]=1 (8,9]=1 (16,17]=1 (98,107]=1");
}

TEST_CASE("options that cannot be used are refused by name") {
  CHECK_THROWS_WITH(recorder({.series_limit = 0}),
                    "querytap: option 'series_limit' = '0': expected at least 1");
  CHECK_THROWS_WITH(recorder({.byte_limit = 0}),
                    "querytap: option 'byte_limit' = '0': expected at least 1");
  CHECK_THROWS_WITH(
      recorder({.slo_thresholds = {-1ms}}),
      "querytap: option 'slo_thresholds' = '-0.001': expected a positive, finite value");
  CHECK_THROWS_WITH(recorder({.slo_thresholds = {100'100us, 100'200us}}),
                    Catch::Contains("too close to other bucket bounds"));
}

TEST_CASE("the name of the service comes from the option, else the environment, else the program") {
  {
    const environment_variable name{"OTEL_SERVICE_NAME", "from_name"};
    const environment_variable list{"OTEL_RESOURCE_ATTRIBUTES", "service.name=from_list"};
    CHECK(service_name_of({.service_name = "from_option"}) == "from_option");
    CHECK(service_name_of({}) == "from_name");
  }
  {
    const environment_variable list{"OTEL_RESOURCE_ATTRIBUTES", " a=1 , service.name=x%2Cy "};
    CHECK(service_name_of({}) == "x,y");
  }
  const environment_variable empty{"OTEL_SERVICE_NAME", ""};
  CHECK_THAT(service_name_of({}), Catch::StartsWith("unknown_service:"));
}

TEST_CASE(
    "a bad OTEL_RESOURCE_ATTRIBUTES is warned of once, without its contents, and counts as "
    "unset") {
  const auto [list, problem] = GENERATE(table<std::string, std::string>({
      {"a=1,secret=%GG-canary", "entry 2 has a '%' without two hexadecimal digits"},
      {"a=1,50%=canary", "entry 2 has a '%' without two hexadecimal digits"},
      {"a=1,,password=x,canary", "entry 4 is not key=value"},
      {"a=1, =canary", "entry 2 is not key=value"},
      {"a=1,b,c=%canary", "entry 2 is not key=value"},
  }));
  const environment_variable variable{"OTEL_RESOURCE_ATTRIBUTES", list.c_str()};
  std::vector<std::string> warnings;
  recorder recorder{{.service_name = "shop",
                     .warn = [&](std::string_view text) { warnings.emplace_back(text); }}};
  const attributes resource = recorder.collect().resource;
  CHECK(warnings == std::vector<std::string>{"OTEL_RESOURCE_ATTRIBUTES is ignored: " + problem});
  CHECK(resource.find("a") == nullptr);
  CHECK(to_string(*resource.find("service.name")) == "shop");
}

TEST_CASE("a warning sink that throws, whatever it throws, does not end the making of a recorder") {
  setenv("OTEL_RESOURCE_ATTRIBUTES", "nothing", 1);
  int warned = 0;
  CHECK_NOTHROW(recorder{{.service_name = "test", .warn = [&](std::string_view) {
                            ++warned;
                            throw 42;
                          }}});
  CHECK(warned == 1);
  unsetenv("OTEL_RESOURCE_ATTRIBUTES");
}

TEST_CASE("a good OTEL_RESOURCE_ATTRIBUTES is not warned of") {
  const environment_variable variable{"OTEL_RESOURCE_ATTRIBUTES", ",a=1,, b%20 = %3D ,"};
  std::vector<std::string> warnings;
  recorder recorder{{.warn = [&](std::string_view text) { warnings.emplace_back(text); }}};
  CHECK(warnings.empty());
  CHECK(to_string(*recorder.collect().resource.find("b ")) == "=");
}
