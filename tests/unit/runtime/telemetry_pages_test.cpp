// The pages show what a recorder holds, to whom it concerns.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/runtime/telemetry_pages.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

struct shown {
  capture telemetry;
  backend documents{telemetry.recorder(), {.system = "sqlite", .rules = dialect::sqlite}};
  telemetry_pages pages{telemetry.recorder()};

  void call(std::string_view sql, std::chrono::nanoseconds duration, std::uint64_t rows = 0) {
    operation one{documents.statement_for(sql)};
    one.rows(rows);
    telemetry.time().advance(duration);
  }
  std::string get(std::string_view path) {
    return pages.respond({.method = "GET", .path = path}).body;
  }
};

}  // namespace

TEST_CASE("the page lists statements by total time, with calls, quantiles and rows") {
  shown here;
  here.call("select title from documents where id = 'canary'", 2ms, 3);
  for (int i = 0; i < 10; ++i) here.call("select body from passages", 30ms, 5);

  const std::string page = here.get("/");
  CHECK_THAT(page, Catch::Contains("<td>select body from passages</td><td>sqlite</td><td>10</td>"
                                   "<td>0</td><td>300 ms</td><td>30.0 ms</td><td>30.0 ms</td>"
                                   "<td>30.0 ms</td><td>50</td>"));
  CHECK(page.find("passages") < page.find("documents"));
  CHECK_THAT(page, !Catch::Contains("canary"));
}

TEST_CASE("the page tells what is still running, and for how long") {
  shown here;
  operation hung{here.documents.statement_for("select body from passages")};
  here.telemetry.time().advance(90ms);
  CHECK_THAT(here.get("/"), !Catch::Contains("still running"));
  here.telemetry.time().advance(4s);
  CHECK_THAT(here.get("/"), Catch::Contains("<td>select body from passages</td>"
                                            "<td class=\"failed\">4.09 s</td>"));
  hung.finish();
  CHECK_THAT(here.get("/"), !Catch::Contains("still running"));
}

TEST_CASE("the page escapes what it shows") {
  capture telemetry{{.service_name = "<b>&\""}};
  telemetry_pages pages{telemetry.recorder()};
  CHECK_THAT(pages.respond({.method = "GET", .path = "/"}).body,
             Catch::Contains("<h1>&lt;b&gt;&amp;&quot;</h1>"));
}

TEST_CASE("metrics are text that Prometheus reads, and count the scrapes themselves") {
  shown here;
  here.call("select body from passages", 30ms);
  const http_response first = here.pages.respond({.method = "GET", .path = "/metrics"});
  CHECK(first.status == 200);
  CHECK(first.content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK_THAT(
      first.body,
      Catch::Contains("db_client_operation_duration_seconds_count{"
                      "db_query_summary=\"select passages\",db_system_name=\"sqlite\"} 1\n"));
  CHECK_THAT(
      here.get("/metrics"),
      Catch::Contains("querytap_scrape_duration_seconds_count{querytap_format=\"text\"} 1\n"));
}

TEST_CASE("other machines see the metrics, and not the page") {
  shown here;
  const auto from_afar = [&](std::string_view path) {
    return here.pages.respond({.method = "GET", .path = path, .from_loopback = false}).status;
  };
  CHECK(from_afar("/metrics") == 200);
  CHECK(from_afar("/") == 403);
}

TEST_CASE("unknown paths and methods are refused") {
  shown here;
  CHECK(here.pages.respond({.method = "GET", .path = "/nothing"}).status == 404);
  CHECK(here.pages.respond({.method = "POST", .path = "/metrics"}).status == 405);
  CHECK(here.pages.respond({.method = "HEAD", .path = "/metrics"}).status == 200);
}
