// What is taken away says the same as the page, and nothing that came from outside is markup or a formula in it.

#include <querytap/runtime/live/service_report.hpp>
#include <unit/runtime/live/made_world.hpp>

#include <runtime/live/report_formats.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

snapshot hostile_world(const std::string& text) {
  snapshot world = incident();
  const auto statement = summarised(0xC0FFEE, text, text);
  snapshot_builder builder;
  builder.set_resource({"service.name", text});
  builder.record(catalog::operation_duration, {{"db.system.name", text}}, {1'000'000}, statement);
  const snapshot built = builder.get();
  world.metrics = built.metrics;
  world.resource = built.resource;
  finding found = n_plus_one();
  found.system = found.table = found.request = found.message = found.advice = text;
  found.statement = statement;
  world.findings = {std::make_shared<const finding>(found)};
  call_report slow = slow_search();
  slow.statement = statement;
  slow.request = slow.waits_for = slow.error_type = slow.server_address = text;
  slow.site = {text, 1, text};
  world.call_reports = {std::make_shared<const call_report>(slow)};
  request_report request = one_by_one();
  request.name = request.error_type = text;
  world.requests = {std::make_shared<const request_report>(request)};
  world.pools[0].name = text;
  world.health[0].component = world.health[0].reason = text;
  return world;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("a saved page carries all views, and loads nothing", "[service_report]") {
  const std::string page = service_report(incident(), report_format::html, 0s);
  CHECK(count_of(page, "src=") == count_of(detail::page_script(), "src="));
  CHECK_THAT(page, Catch::Contains("script-src 'sha256-") && !Catch::Contains("connect-src") &&
                       !Catch::Contains("unsafe-inline"));
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const auto at = page.find(begin) + begin.size();
  const auto views =
      nlohmann::json::parse(page.substr(at, page.find("</script>", at) - at))["views"];
  for (const char* view :
       {"overview", "statements", "requests", "pools", "running", "findings", "health", "servers",
        "library", "statement/0000000000c0ffee", "request/3"}) {
    INFO(view);
    REQUIRE(views.contains(view));
    CHECK(views[view]["data"].is_object());
  }
  CHECK(nlohmann::json::parse(service_report(incident(), report_format::json, 0s))["views"] ==
        views);
}

TEST_CASE("Markdown has what a ticket needs, in the order of an incident", "[service_report]") {
  const std::string text = service_report(incident(), report_format::markdown, 0s);
  std::vector<std::size_t> places;
  for (const char* part :
       {"# chatbot, 2026-01-31T12:00:42.000Z", "## Health", "| redis | fail |", "## Findings",
        "11 calls of one statement from one line", "## Statements", "| 50.0 ms |",
        "## Calls that were slow", "912 ms slow", "## Pools", "| documents | 10 |", "## Requests",
        "| POST /chat | 100 ms |"}) {
    INFO(part);
    places.push_back(text.find(part));
    CHECK(places.back() != std::string::npos);
  }
  CHECK(std::ranges::is_sorted(places));
}

TEST_CASE("CSV has a line for each statement, with numbers that a program can read",
          "[service_report]") {
  CHECK(
      service_report(incident(), report_format::csv, 0s) ==
      "system,fingerprint,summary,calls,errors,rows,total_seconds,mean_seconds,p50_seconds,"
      "p95_seconds,p99_seconds,text\r\n"
      "\"postgresql\",0000000000c0ffee,\"select documents\",1,0,7,0.05,0.05,0.05,0.05,0.05,"
      "\"select body from documents where id = $1\"\r\n"
      "\"sqlite\",0000000000000001,\"select chats\",3,1,0,0.0045,0.0015,0.000988281,0.00296432025,"
      "0.00299286405,\"select 1 from chats\"\r\n");
}

TEST_CASE("nothing that comes from outside is markup in a report, nor ends the data of a page",
          "[service_report]") {
  const std::string hostile = "</script><img src=x onerror=alert(1)> | **bold** [a](javascript:b)";
  const snapshot world = hostile_world(hostile);
  const std::string page = service_report(world, report_format::html, 0s);
  CHECK(count_of(page, "<img") == 0);
  CHECK(count_of(page, "</script>") == 2);
  const std::string text = service_report(world, report_format::markdown, 0s);
  CHECK(count_of(text, "**bold**") == 0);
  CHECK(count_of(text, "<img") == count_of(text, "\\<img"));
  CHECK(count_of(text, "](javascript") == count_of(text, "\\](javascript"));
}

TEST_CASE("a text in CSV is no formula, and bytes that are not UTF-8 break no report",
          "[service_report]") {
  const std::string table = service_report(hostile_world("=1+\"2\""), report_format::csv, 0s);
  CHECK_THAT(table, Catch::Contains("\"'=1+\"\"2\"\"\"") && !Catch::Contains("\"=1"));
  const snapshot world = hostile_world("caf\xE9 \xFF");
  for (const report_format format :
       {report_format::json, report_format::markdown, report_format::csv}) {
    const std::string text = service_report(world, format, 0s);
    CHECK_NOTHROW(nlohmann::json(text).dump());
    CHECK_THAT(text, Catch::Contains("caf\xEF\xBF\xBD"));
  }
  CHECK_FALSE(service_report(world, report_format::html, 0s).empty());
}
