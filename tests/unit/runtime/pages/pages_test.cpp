// The pages show what a recorder holds, and to untrusted requests the metrics only.

#include <querytap/base/version.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/runtime/pages/pages.hpp>
#include <querytap/testing/capture.hpp>
#include <support/gunzip.hpp>
#include <unit/exporters/prometheus/delimited.hpp>
#include <unit/exporters/prometheus/exposition.hpp>
#include <unit/snapshot/call_samples.hpp>

#include <runtime/pages/record_list.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

struct shown {
  capture telemetry;
  backend documents{telemetry.recorder(), {.system = "sqlite", .dialect = dialect::sqlite}};
  querytap::pages pages{telemetry.recorder()};

  void call(std::string_view sql, std::chrono::nanoseconds duration, std::uint64_t rows = 0) {
    operation call{documents.statement_for(sql)};
    call.rows(rows);
    telemetry.time().advance(duration);
  }
  std::string get(std::string_view path) {
    return pages.respond({.method = "GET", .path = path, .trusted = true}).body;
  }
};

}  // namespace

TEST_CASE("a view has statements by total time, with calls, quantiles and rows") {
  shown here;
  here.call("select title from documents where id = 'canary'", 2ms, 3);
  for (int i = 0; i < 10; ++i) here.call("select body from passages", 30ms, 5);
  const std::string text = here.get("/view?view=statements");
  CHECK_THAT(text, !Catch::Contains("canary"));
  const auto rows = nlohmann::json::parse(text)["data"]["rows"];
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["text"] == "select body from passages");
  CHECK(rows[0]["calls"] == 10);
  CHECK(rows[0]["total"] == 0.3);
  CHECK(rows[0]["p99"] == 0.03);
  CHECK(rows[0]["rows"] == 50);
}

TEST_CASE("a view shows what is slow now, beside what was fast before") {
  shown here;
  for (int i = 0; i < 5'000; ++i) here.call("select body from passages", 10us);
  for (int i = 0; i < 140; ++i) {
    here.telemetry.time().advance(5s);
    static_cast<void>(here.telemetry.recorder().collect());
  }
  for (int i = 0; i < 20; ++i) here.call("select body from passages", 5ms);
  const auto view = nlohmann::json::parse(here.get("/view?view=statements&window=60&before=600"));
  const auto& row = view["data"]["rows"][0];
  CHECK(row["calls"] == 20);
  CHECK(row["p99"].get<double>() == Approx(0.005).epsilon(0.01));
  CHECK(view["before"]["seconds"] == 60);
  const auto since_start = nlohmann::json::parse(here.get("/view?view=statements&window=0"));
  CHECK(since_start["data"]["rows"][0]["calls"] == 5020);
  CHECK(since_start["data"]["rows"][0]["p50"] == 0.00001);
}

TEST_CASE("the page is one document that loads its own script and style, and nothing else") {
  shown here;
  const std::string page = here.get("/");
  CHECK_THAT(page, Catch::Contains("default-src 'none'; script-src 'self'; style-src 'self'") &&
                       !Catch::Contains("http://") && !Catch::Contains("https://"));
  const std::string script = here.get("/app.js");
  const std::string style = here.get("/style.css");
  CHECK_THAT(script, Catch::Contains("EventSource") && !Catch::Contains("innerHTML") &&
                         !Catch::Contains("eval(") && !Catch::Contains("https://"));
  CHECK_THAT(style, !Catch::Contains("url(") && !Catch::Contains("@import"));
  std::size_t packed = 0;
  for (const char* path : {"/", "/app.js", "/style.css"}) {
    const page_response reply = here.pages.respond(
        {.method = "GET", .path = path, .accept_encoding = "gzip", .trusted = true});
    packed += reply.body.size();
  }
  CHECK(packed < 100 * 1024);
}

TEST_CASE("a stream begins with an event, and says when the next one is due") {
  shown here;
  const page_response reply = here.pages.respond(
      {.method = "GET", .path = "/live?view=pools", .accept_encoding = "gzip", .trusted = true});
  CHECK(reply.content_type == "text/event-stream");
  CHECK(reply.again_in == 800ms);
  CHECK(reply.content_encoding.empty());
  REQUIRE_THAT(reply.body, Catch::StartsWith("retry: 800\ndata: {") && Catch::EndsWith("}\n\n"));
  CHECK(std::ranges::count(reply.body, '\n') == 3);
  CHECK(here.pages.respond({.method = "GET", .path = "/", .trusted = true}).again_in == 0ms);
}

TEST_CASE("what is to take away comes in four formats") {
  shown here;
  here.call("select body from passages", 30ms);
  const auto type_of = [&](const std::string& path) {
    const page_response reply =
        here.pages.respond({.method = "GET", .path = path, .trusted = true});
    CHECK_THAT(reply.body, Catch::Contains("select body from passages"));
    return reply.content_type;
  };
  CHECK(type_of("/report.html") == "text/html; charset=utf-8");
  CHECK(type_of("/report.md") == "text/markdown; charset=utf-8");
  CHECK(type_of("/report.csv?window=0") == "text/csv; charset=utf-8");
  CHECK(type_of("/report.json") == "application/json");
}

TEST_CASE("lines of the last minutes are there at once, and can be switched off") {
  shown here;
  for (int i = 0; i < 12; ++i) {
    here.call("select body from passages", 1ms);
    here.telemetry.time().advance(5s);
    here.pages.keep_timeline();
  }
  const auto lines = nlohmann::json::parse(here.get("/view"))["data"]["lines"];
  CHECK(lines["times"].size() == 11);
  CHECK(lines["systems"][0]["name"] == "sqlite");
  CHECK(lines["systems"][0]["calls"].size() == 11);
  pages without{here.telemetry.recorder(), {.timeline = 0s}};
  without.keep_timeline();
  here.telemetry.time().advance(5s);
  const page_response reply = without.respond({.method = "GET", .path = "/view", .trusted = true});
  CHECK(nlohmann::json::parse(reply.body)["data"]["lines"]["times"].empty());
}

TEST_CASE("the reports of single calls are JSON") {
  shown here;
  for (const std::string name : {"slow", "requests", "pools", "findings"}) {
    const page_response reply =
        here.pages.respond({.method = "GET", .path = "/" + name, .trusted = true});
    CHECK(reply.status == 200);
    CHECK(reply.content_type == "application/json");
    CHECK_THAT(reply.body, Catch::StartsWith("{\"" + name + "\":["));
    CHECK(nlohmann::json::parse(reply.body).at(name).is_array());
  }
}

TEST_CASE("who has what of the pools is at /pool as well") {
  shown here;
  CHECK(here.pages.respond({.method = "GET", .path = "/pool", .trusted = true}).body ==
        here.pages.respond({.method = "GET", .path = "/pools", .trusted = true}).body);
  CHECK(here.pages.respond({.method = "GET", .path = "/pool"}).status == 403);
}

TEST_CASE("a list has each record on a line of its own") {
  const std::vector<std::shared_ptr<const finding>> findings(
      2, std::make_shared<const finding>(n_plus_one()));
  const std::string line = to_json(n_plus_one());
  CHECK(detail::json_list("findings", findings) ==
        "{\"findings\":[\n" + line + ",\n" + line + "]}\n");
}

TEST_CASE("a scrape is answered in the format that it asks for") {
  shown here;
  here.call("select body from passages", 30ms);
  const auto scraped = [&](std::string_view accept) {
    return here.pages.respond({.method = "GET", .path = "/metrics", .accept = accept});
  };
  const page_response open = scraped("application/openmetrics-text;version=1.0.0");
  CHECK(open.content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CHECK_THAT(open.body, Catch::EndsWith("# EOF\n"));
  const page_response protobuf = scraped(
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
      "encoding=delimited");
  CHECK(protobuf.content_type ==
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
        "encoding=delimited");
  CHECK_FALSE(split_delimited(protobuf.body).empty());
  CHECK_THAT(here.get("/metrics"),
             Catch::Contains("querytap_scrape_size_bytes_count{querytap_format=\"protobuf\"} 1\n"));
}

TEST_CASE("a scrape is compressed where that is allowed") {
  shown here;
  here.call("select body from passages", 30ms);
  const page_response reply =
      here.pages.respond({.method = "GET", .path = "/metrics", .accept_encoding = "gzip, deflate"});
  REQUIRE(reply.content_encoding == "gzip");
  CHECK_THAT(gunzip(reply.body), Catch::Contains("db_client_operation_duration_seconds_count{") &&
                                     Catch::EndsWith("\n"));
  CHECK(here.pages.respond({.method = "GET", .path = "/metrics"}).content_encoding.empty());
}

TEST_CASE("a response that was sent can be used again") {
  shown here;
  page_response reply;
  here.pages.respond({.method = "GET", .path = "/metrics", .accept_encoding = "gzip"}, reply);
  here.pages.respond({.method = "GET", .path = "/nothing"}, reply);
  CHECK(reply.status == 404);
  CHECK(reply.content_encoding.empty());
  CHECK(reply.body ==
        "here are /, /metrics, /livez, /readyz, /health, /slow, /requests, /pools, /findings, "
        "/sources, /view, /live and /report.html, .md, .csv and .json\n");
}

TEST_CASE("single metrics can be selected, by the name of family or sample") {
  shown here;
  here.call("select body from passages", 30ms);
  const auto families = [&](std::string_view query) {
    const std::string path = "/metrics?" + std::string{query};
    const std::string body = here.pages.respond({.method = "GET", .path = path}).body;
    std::string names;
    for (const exposed_family& family : parse_exposition(body)) names += family.name + ' ';
    return names;
  };
  CHECK(families("name[]=querytap_lanes") == "querytap_lanes ");
  CHECK(families("a=b&name%5B%5D=querytap%5Flanes&name[]=target_info") ==
        "target_info querytap_lanes ");
  CHECK(families("name[]=db_client_operation_duration_seconds_bucket") ==
        "db_client_operation_duration_seconds ");
  CHECK(families("name[]=querytap_dropped") == "querytap_dropped_total ");
  CHECK(families("name[]=db_client_operation_duration_seconds_buckets") == "");
  CHECK(families("name[]=") == "");
  CHECK(families("names[]=querytap_lanes").size() > 200);
}

TEST_CASE("any number of metrics can be selected at once") {
  shown here;
  std::string path = "/metrics?name[]=querytap_lanes";
  for (int i = 0; i < 600; ++i) path += "&name[]=a_metric_that_is_not_there_" + std::to_string(i);
  CHECK(parse_exposition(here.get(path)).size() == 1);
}

TEST_CASE("a request line names a page in more than one way") {
  shown here;
  const auto status = [&](std::string_view target) {
    return here.pages.respond({.method = "GET", .path = target}).status;
  };
  const auto lines = [&](std::string_view target) {
    const std::string body = here.get(target);
    return std::count(body.begin(), body.end(), '\n');
  };
  for (const char* target :
       {"/metrics?name[]=querytap_lanes", "/metrics/?name[]=querytap_lanes",
        "/metrics//?name[]=querytap_lanes", "http://host/metrics?name[]=querytap_lanes",
        "http://host:9464/metrics/?name[]=querytap_lanes",
        "HTTPS://[::1]:9464/metrics?name[]=querytap_lanes"}) {
    CAPTURE(target);
    CHECK(lines(target) == 3);
  }
  for (const char* target :
       {"/slow/", "http://host/slow", "http://host/requests/?a", "/findings///"}) {
    CAPTURE(target);
    CHECK(nlohmann::json::parse(here.get(target)).is_object());
  }
  for (const char* target :
       {"/", "//", "http://host", "http://host/", "http://host?paused", "/?paused"}) {
    CAPTURE(target);
    CHECK_THAT(here.get(target), Catch::Contains("<!doctype html>"));
  }
  for (const char* target :
       {"", "?", "http:///metrics/x", "ftp://host/metrics", "/metricsx", "/http://host/metrics",
        "metrics", "*", "/metrics?/", "//host/metrics"}) {
    CAPTURE(target);
    CHECK((status(target) == 404) ==
          (std::string_view{target} != "" && std::string_view{target} != "?" &&
           std::string_view{target} != "/metrics?/"));
  }
}

TEST_CASE("a request that is not trusted gets no other page by the form of its target") {
  shown here;
  for (const char* target :
       {"/slow/", "http://host/slow", "http://127.0.0.1/", "http://host", "//"}) {
    CAPTURE(target);
    CHECK(here.pages.respond({.method = "GET", .path = target, .trusted = false}).status == 403);
  }
}

TEST_CASE("the metrics of the process are there, as from other clients of Prometheus") {
  shown here;
  const auto numbers = numbers_of(parse_exposition(here.get("/metrics")));
  const auto number = [&](const std::string& name) {
    const auto found = numbers.find(name + "{}");
    return found == numbers.end() ? -1 : found->second;
  };
  CHECK(number("process_cpu_seconds_total") > 0);
  CHECK(number("process_resident_memory_bytes") > 1e6);
  CHECK(number("process_virtual_memory_bytes") > number("process_resident_memory_bytes"));
  CHECK(number("process_open_fds") >= 3);
  CHECK(number("process_max_fds") > number("process_open_fds"));
  CHECK(number("process_threads") >= 1);
  const double seconds_now =
      static_cast<double>(std::chrono::duration_cast<std::chrono::seconds>(
                              std::chrono::system_clock::now().time_since_epoch())
                              .count());
  CHECK(number("process_start_time_seconds") < seconds_now + 2);
  CHECK(number("process_start_time_seconds") > seconds_now - 3600);
  CHECK_THAT(here.get("/metrics"), Catch::Contains("querytap_build_info{compiler=\"") &&
                                       Catch::Contains("version=\"" + std::string{version}));
}

TEST_CASE("an option leaves out the metrics of the process") {
  recorder recorder{{.service_name = "test"}};
  querytap::pages pages{recorder, {.process_metrics = false}};
  CHECK_THAT(pages.respond({.method = "GET", .path = "/metrics"}).body,
             !Catch::Contains("process_"));
}

TEST_CASE("metrics are text that Prometheus reads, and count the scrapes themselves") {
  shown here;
  here.call("select body from passages", 30ms);
  const page_response first = here.pages.respond({.method = "GET", .path = "/metrics"});
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

TEST_CASE("a request that is not trusted gets the metrics, and nothing else") {
  shown here;
  const auto from_afar = [&](std::string_view path) {
    return here.pages.respond({.method = "GET", .path = path}).status;
  };
  CHECK(from_afar("/metrics") == 200);
  CHECK(from_afar("/") == 403);
  CHECK(from_afar("/slow") == 403);
  CHECK(from_afar("/requests?x") == 403);
  CHECK(from_afar("/findings") == 403);
  CHECK(from_afar("/pools") == 403);
  CHECK(here.pages.respond({.method = "GET", .path = "/"}).body ==
        "this page is shown to trusted clients only\n");
  CHECK(here.pages.respond({.method = "GET", .path = "/slow", .refusal = "a proxy"}).body ==
        "a proxy\n");
}

TEST_CASE("unknown paths and methods are refused") {
  shown here;
  CHECK(here.pages.respond({.method = "GET", .path = "/nothing"}).status == 404);
  CHECK(here.pages.respond({.method = "POST", .path = "/metrics"}).status == 405);
  CHECK(here.pages.respond({.method = "HEAD", .path = "/metrics"}).status == 200);
}
