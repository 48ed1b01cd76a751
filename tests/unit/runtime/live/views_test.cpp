// Each view of the page answers one question, from what the snapshot has, as JSON.

#include <unit/runtime/live/made_world.hpp>

#include <runtime/live/running_calls.hpp>
#include <runtime/live/view_data.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace querytap;
using namespace querytap::detail;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

json viewed(const snapshot& world, const std::string& query) {
  view_data shown{world, std::make_shared<timeline>(0s)};
  return render_view(parse_view_query(query), shown);
}

std::vector<std::string> column(const json& rows, const char* key) {
  std::vector<std::string> values;
  for (const json& row : rows)
    values.push_back(row[key].is_string() ? row[key].get<std::string>() : row[key].dump());
  return values;
}

active_call call_in_flight(std::uint64_t fingerprint, std::chrono::nanoseconds age) {
  const auto series = std::make_shared<const series_identity>(
      series_identity{&catalog::operation_duration, {{"db.system.name", "postgresql"}}});
  return {series, statement_of(fingerprint, "update hits"), age};
}

}  // namespace

TEST_CASE("every view says whose it is, as of when, and how much is wrong", "[live]") {
  for (const std::string view : {"overview", "statements", "requests", "pools", "running",
                                 "findings", "health", "servers", "library"}) {
    INFO(view);
    const json shown = viewed(incident(), "view=" + view);
    CHECK(shown["view"] == view);
    CHECK(shown["service"] == "chatbot");
    CHECK(shown["time"] == "2026-01-31T12:00:42.000Z");
    CHECK(shown["counts"].dump() ==
          R"({"findings":1,"not_well":1,"running":0,"slow":2,"waiting":3,"requests":1})");
    CHECK(shown["data"].is_object());
  }
  CHECK(viewed(incident(), "view=nonsense")["data"].is_null());
}

TEST_CASE("the overview has systems and requests by the time that they took", "[live]") {
  const json data = viewed(incident(), "window=0")["data"];
  CHECK(column(data["systems"], "name") == std::vector<std::string>{"postgresql", "sqlite"});
  CHECK(data["systems"][1]["count"] == 3);
  CHECK(data["systems"][1]["errors"] == 1);
  CHECK(data["systems"][0]["p99"] == 0.05);
  CHECK(data["requests"][0]["name"] == "POST /chat");
  CHECK(data["findings"][0]["kind"] == "n_plus_one");
  CHECK(data["pools"][0]["waiting"] == 3);
  CHECK_FALSE(data["pools"][0].contains("leases"));
}

TEST_CASE("a finding that was last seen more than an hour ago is not in the overview", "[live]") {
  snapshot world = incident();
  world.time = noon + 61min;
  CHECK(viewed(world, "")["data"]["findings"].empty());
  CHECK(viewed(world, "view=findings")["data"]["rows"].size() == 1);
}

TEST_CASE("statements are sorted, filtered by text and kind, and cut", "[live]") {
  const auto listed = [](const std::string& query) {
    return column(viewed(incident(), "view=statements&window=0&" + query)["data"]["rows"],
                  "summary");
  };
  using names = std::vector<std::string>;
  CHECK(listed("") == names{"select documents", "select chats"});
  CHECK(listed("sort=calls") == names{"select chats", "select documents"});
  CHECK(listed("sort=calls&order=asc") == names{"select documents", "select chats"});
  CHECK(listed("sort=nonsense") == names{"select documents", "select chats"});
  CHECK(listed("q=DOCUMENTS") == names{"select documents"});
  CHECK(listed("q=no+such") == names{});
  CHECK(listed("kind=sqlite") == names{"select chats"});
  CHECK(listed("limit=1") == names{"select documents"});
  CHECK(listed("limit=0") == names{});
  CHECK(listed("limit=-5&window=-1&before=%zz") == names{"select documents", "select chats"});
}

TEST_CASE("a statement past the series limit, whose quantiles nobody knows, is sorted last",
          "[live]") {
  snapshot world = incident();
  world.overflowed = {{"sqlite", statement_of(9, "select rare"), 5, 9'000'000'000, 0}};
  for (const std::string order : {"asc", "desc"}) {
    const json rows =
        viewed(world, "view=statements&window=0&sort=p99&order=" + order)["data"]["rows"];
    REQUIRE(rows.size() == 3);
    CHECK(rows[2]["overflow"] == true);
    CHECK(rows[2]["p99"].is_null());
  }
}

TEST_CASE("one statement shows its errors, rows, samples, requests, lines, and findings",
          "[live]") {
  const json data = viewed(incident(), "view=statement&id=0000000000c0ffee")["data"];
  CHECK(data["summary"] == "select documents");
  CHECK(data["rows"]["total"] == 7);
  CHECK(data["samples"][0]["plan"]["root"]["operation"] == "Sort");
  CHECK(data["phases"]["execute"] == 0.9);
  CHECK(data["call_sites"][0]["call_site"] == "src/store.cpp:42");
  CHECK(data["windows"].back()["window"] == "since the start");
  CHECK(data["windows"].back()["p50"] == 0.05);
  const json failing = viewed(incident(), "view=statement&id=0000000000000001&kind=sqlite")["data"];
  CHECK(failing["errors"].dump() == R"([{"code":"23505","count":1}])");
  CHECK(failing["system"] == "sqlite");
  for (const std::string unknown : {"", "0000000000000001&kind=redis", "ffffffffffffffff", "x"}) {
    CHECK(viewed(incident(), "view=statement&id=" + unknown)["data"].is_null());
  }
}

TEST_CASE("a request is found by its number, and listed without its waterfall", "[live]") {
  const json listed = viewed(incident(), "view=requests&q=CHAT")["data"];
  CHECK(listed["found"] == 1);
  CHECK(listed["rows"][0]["calls"] == 4);
  CHECK_FALSE(listed["rows"][0].contains("statements"));
  CHECK(listed["in_flight"][0]["seconds"] == 34);
  CHECK(viewed(incident(), "view=requests&q=nothing")["data"]["rows"].empty());
  const json data = viewed(incident(), "view=request&id=3")["data"];
  CHECK(data["statements"].size() == 2);
  CHECK(data["calls"].size() == 4);
  CHECK(viewed(incident(), "view=request&id=99")["data"].is_null());
}

TEST_CASE("pools say who holds what, since when, from which line, and whether too long", "[live]") {
  const json data = viewed(incident(), "view=pools")["data"];
  CHECK(data["pools"][0]["maximum"] == 10);
  CHECK(data["leases"][0]["call_site"] == "src/store.cpp:42");
  CHECK(data["leases"][0]["too_long"] == true);
  CHECK(data["leases"][1]["too_long"] == false);
}

TEST_CASE("a call that still runs is shown with its report, and once", "[live]") {
  call_report report = slow_search();
  report.reason = report_reason::running;
  report.statement = statement_of(9, "update hits");
  report.start = noon + 8s;
  report.waits_for = "Lock: transactionid";
  snapshot world;
  world.time = noon + 42s;
  world.active = {call_in_flight(9, 34s), call_in_flight(8, 120ms), call_in_flight(7, 99ms)};
  world.call_reports = {std::make_shared<const call_report>(report)};
  const json data = viewed(world, "view=running")["data"];
  REQUIRE(data["running"].size() == 2);
  CHECK(data["running"][0]["waits_for"] == "Lock: transactionid");
  CHECK(data["running"][0]["duration"] == 34);
  CHECK(data["slow"].empty());
}

TEST_CASE("calls of one statement that begin together are each shown once", "[live]") {
  snapshot world;
  world.time = noon + 42s;
  for (const std::chrono::milliseconds later : {0ms, 30ms, 60ms}) {
    call_report report = slow_search();
    report.reason = report_reason::running;
    report.statement = statement_of(9, "update hits");
    report.start = noon + 8s + later;
    report.number = static_cast<std::uint64_t>(100 + later.count());
    world.call_reports.push_back(std::make_shared<const call_report>(report));
    world.active.push_back(call_in_flight(9, 34s - later));
  }
  const json data = viewed(world, "view=running")["data"];
  CHECK(column(data["running"], "number") == std::vector<std::string>{"100", "130", "160"});
  CHECK(data["slow"].empty());
}

TEST_CASE("a call that was reported while it ran is shown once when it ends", "[live]") {
  call_report report = slow_search();
  report.reason = report_reason::running;
  snapshot world;
  world.call_reports = {std::make_shared<const call_report>(slow_search()),
                        std::make_shared<const call_report>(report)};
  REQUIRE(ended_calls(world).size() == 1);
  CHECK(ended_calls(world).front()->reason == report_reason::slow);
  report.thread = 0;  // as of a running call, whose thread is not known
  report.start += 1ms;
  world.call_reports.back() = std::make_shared<const call_report>(report);
  CHECK(ended_calls(world).size() == 1);
  report.thread = 4712;
  world.call_reports.back() = std::make_shared<const call_report>(report);
  CHECK(ended_calls(world).size() == 2);
}

TEST_CASE("findings are filtered by kind; health says why, and what to do", "[live]") {
  CHECK(viewed(incident(), "view=findings&kind=n_plus_one")["data"]["rows"].size() == 1);
  CHECK(viewed(incident(), "view=findings&kind=hung")["data"]["rows"].empty());
  CHECK(viewed(incident(), "view=findings&kind=hung")["data"]["kinds"].dump() ==
        R"(["n_plus_one"])");
  const json row = viewed(incident(), "view=health")["data"]["rows"][0];
  CHECK(row["status"] == "fail");
  CHECK(row["reason"] == "nothing listens there");
  CHECK(row["measurements"][0]["limit"] == 0.9);
}

TEST_CASE("the library shows what it says of itself", "[live]") {
  const json rows = viewed(incident(), "view=library")["data"]["rows"];
  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["name"] == "querytap.lanes");
  CHECK(rows[0]["value"] == 12);
}

TEST_CASE("a number is as exact as a bucket: four digits", "[live]") {
  CHECK(short_number(0.000123456) == 0.0001235);
  CHECK(short_number(-98765.4) == -98770);
  CHECK(short_number(134217728.0) == 134200000);
  CHECK(short_number(0) == 0);
  CHECK(short_number(std::numeric_limits<double>::quiet_NaN()).is_null());
}

TEST_CASE("a window is one of those that viewers share", "[live]") {
  CHECK(parse_view_query("").window == 60s);
  CHECK(parse_view_query("window=61").window == 300s);
  CHECK(parse_view_query("window=99999").window == 3600s);
  CHECK(parse_view_query("window=0&before=601").compared == 1800s);
}

TEST_CASE("a series that is retired makes no spike in the lines", "[live]") {
  timeline lines{60s};
  snapshot_builder builder;
  const attributes busy{{"db.system.name", "sqlite"}};
  const attributes unused{{"db.system.name", "sqlite"}, {"db.namespace", "old"}};
  builder.record(catalog::operation_duration, busy, std::vector<std::uint64_t>(100, 1'000'000));
  builder.record(catalog::operation_duration, unused, std::vector<std::uint64_t>(900, 1'000'000));
  snapshot world = builder.get();
  lines.add(world);
  builder.remove(catalog::operation_duration, unused);
  builder.remove(catalog::operation_duration, busy);
  builder.record(catalog::operation_duration, busy, std::vector<std::uint64_t>(110, 1'000'000));
  builder.record(catalog::operation_duration, unused, std::vector<std::uint64_t>(900, 1'000'000));
  const snapshot all = builder.get();
  world = all;
  auto left = std::make_shared<metric>(*all.metrics[0]);
  world.retired = {left->points.back()};
  left->points.pop_back();
  world.metrics = {left};
  world.span = 5s;
  lines.add(world);
  REQUIRE(lines.moments().size() == 1);
  REQUIRE(lines.moments()[0].systems.size() == 1);
  CHECK(lines.moments()[0].systems[0].calls == 2);
}

TEST_CASE("the lines have the rate, errors and latency of each five seconds", "[live]") {
  timeline lines{60s};
  snapshot_builder builder;
  const attributes in_sqlite{{"db.system.name", "sqlite"}};
  builder.record(catalog::operation_duration, in_sqlite, {1'000'000});
  snapshot world = builder.get();
  world.time = noon;
  lines.add(world);
  CHECK(lines.moments().empty());
  builder.remove(catalog::operation_duration, in_sqlite);
  builder.record(catalog::operation_duration, in_sqlite,
                 {1'000'000, 8'000'000, 8'000'000, 8'000'000, 8'000'000, 8'000'000});
  world = builder.get();
  world.time = noon + 4s;
  world.span = 4s;
  lines.add(world);
  CHECK(lines.moments().empty());  // not due
  world.time = noon + 5s;
  world.span = 5s;
  world.pools = {{.name = "documents", .maximum = 4, .used = 3, .waiting = 2}};
  lines.add(world);
  REQUIRE(lines.moments().size() == 1);
  const timeline::moment& moment = lines.moments().front();
  REQUIRE(moment.systems.size() == 1);
  CHECK(lines.systems()[moment.systems[0].system] == "sqlite");
  CHECK(moment.systems[0].calls == 1);
  CHECK(moment.systems[0].p50 == Approx(0.008).epsilon(0.1));
  CHECK(moment.pools[0].waiting == 2);
  for (int i = 2; i < 40; ++i) {
    world.time = noon + i * 5s;
    world.span = i * 5s;
    lines.add(world);
  }
  CHECK(lines.moments().size() == 13);  // a minute, and its first end
  CHECK(lines.moments().back().systems.empty());
  timeline none{0s};
  none.add(world);
  CHECK_FALSE(none.is_due(1h));
}

TEST_CASE("more systems than a chart can tell apart are one line", "[live]") {
  timeline lines{60s};
  snapshot_builder builder;
  for (const std::chrono::seconds span : {0s, 5s}) {
    for (int i = 0; i < 40; ++i) {
      std::vector<std::uint64_t> values(span == 0s ? 1 : 6, 1'000'000);
      const attributes system{{"db.system.name", "system" + std::to_string(i)}};
      builder.remove(catalog::operation_duration, system);
      builder.record(catalog::operation_duration, system, values);
    }
    snapshot world = builder.get();
    world.time = noon + span;
    world.span = span;
    lines.add(world);
  }
  REQUIRE(lines.systems().size() == 16);
  CHECK(lines.systems().back() == "_OTHER");
  REQUIRE(lines.moments().size() == 1);
  CHECK(lines.moments().front().systems.back().calls == 25);
}
