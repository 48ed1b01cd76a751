// Orchestrators are told whether the process lives and whether it is ready, people why not; strangers hear ok or not ok.

#include <calls/reports/health_board.hpp>
#include <calls/reports/source_board.hpp>

#include <querytap/runtime/pages/pages.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;

struct shown_health {
  shown_health() { telemetry.time().advance(1h); }  // the epoch stands for never

  capture telemetry{{.service_name = "chatbot"}};
  querytap::pages pages{telemetry.recorder()};

  void publish(std::vector<health_report> reports,
               std::chrono::nanoseconds valid_for = std::chrono::nanoseconds::max()) {
    telemetry.recorder().part<detail::health_board>().publish(this, std::move(reports), valid_for);
  }
  page_response get(std::string_view path, bool trusted = true) {
    return pages.respond({.method = "GET", .path = path, .trusted = trusted});
  }
  std::string verdict(std::string_view path, bool trusted = true) {
    const page_response reply = get(path, trusted);
    return std::to_string(reply.status) + ' ' + reply.body;
  }
};

health_report report_of(std::string component, health_status status,
                        health_role role = health_role::readiness) {
  health_report report{.component = std::move(component), .role = role, .status = status};
  if (status != health_status::pass) report.reason = "nobody listens";
  return report;
}

}  // namespace

TEST_CASE("a process without checks lives and is ready", "[health_page]") {
  shown_health here;
  CHECK(here.verdict("/livez") == "200 ok\n");
  CHECK(here.verdict("/readyz") == "200 ok\n");
}

TEST_CASE("a dependency that fails makes the process unready, and never dead", "[health_page]") {
  shown_health here;
  here.publish({report_of("postgres", health_status::fail)});
  CHECK(here.verdict("/livez") == "200 ok\n");
  CHECK(here.verdict("/readyz") == "503 not ok\n");
}

TEST_CASE("a check of the process itself makes it dead", "[health_page]") {
  shown_health here;
  here.publish({report_of("worker", health_status::fail, health_role::liveness)});
  CHECK(here.verdict("/livez") == "503 not ok\n");
  CHECK(here.verdict("/readyz") == "503 not ok\n");
}

TEST_CASE("a process that was found dead does not live again because nobody looks any more",
          "[health_page]") {
  shown_health here;
  here.publish({report_of("worker", health_status::fail, health_role::liveness),
                report_of("postgres", health_status::pass)},
               30s);
  here.telemetry.time().advance(1min);
  CHECK(here.verdict("/livez") == "503 not ok\n");
  here.publish({report_of("worker", health_status::pass, health_role::liveness)}, 30s);
  here.telemetry.time().advance(1min);
  CHECK(here.verdict("/livez") == "200 ok\n");
  CHECK(here.verdict("/readyz") == "503 not ok\n");
}

TEST_CASE("a warning, and what is not needed, leave it ready", "[health_page]") {
  shown_health here;
  here.publish({report_of("postgres", health_status::warn),
                report_of("cache", health_status::fail, health_role::optional)});
  CHECK(here.verdict("/readyz") == "200 ok\n");
  CHECK(nlohmann::json::parse(here.get("/health").body)["status"] == "warn");
}

TEST_CASE(
    "the output is that of the component which makes the status, and equal names hide nothing",
    "[health_page]") {
  shown_health here;
  here.publish({report_of("cache", health_status::fail, health_role::optional),
                report_of("postgres", health_status::fail),
                report_of("postgres", health_status::pass)});
  const auto document = nlohmann::json::parse(here.get("/health").body);
  CHECK(document["output"] == "postgres: nobody listens");
  CHECK(document["checks"]["postgres:responseTime"].size() == 2);
}

TEST_CASE("it is not ready before all is known, nor while it is drained", "[health_page]") {
  shown_health here;
  here.publish({report_of("postgres", health_status::unknown)});
  CHECK(here.verdict("/livez") == "200 ok\n");
  CHECK(here.verdict("/readyz") == "503 not ok\n");
  here.publish({report_of("postgres", health_status::pass)});
  CHECK(here.verdict("/readyz") == "200 ok\n");
  here.telemetry.recorder().part<detail::health_board>().drain();
  CHECK(here.verdict("/readyz") == "503 not ok\n");
  CHECK(here.verdict("/livez") == "200 ok\n");
}

TEST_CASE("strangers hear ok or not ok, whatever they ask", "[health_page]") {
  shown_health here;
  here.publish({report_of("postgres", health_status::fail)});
  CHECK(here.verdict("/readyz?verbose", false) == "503 not ok\n");
  CHECK(here.verdict("/readyz?component=other", false) == "503 not ok\n");
  CHECK(here.get("/health", false).status == 403);
  CHECK(here.get("/sources", false).status == 403);
}

TEST_CASE("health is answered without a collection", "[health_page]") {
  shown_health here;
  here.publish({report_of("postgres", health_status::pass)});
  const auto collections = [&] {
    return here.telemetry.recorder()
        .collect()
        .find("querytap.collect.duration")[0]
        .histogram->count();
  };
  static_cast<void>(here.telemetry.recorder().collect());
  const auto before = collections();
  for (const char* path : {"/livez", "/readyz", "/readyz?verbose", "/health"}) {
    CHECK(here.get(path).status == 200);
  }
  CHECK(collections() == before + 1);  // the one that counted before
}

TEST_CASE("?verbose names the components, and ?component= selects some", "[health_page]") {
  shown_health here;
  here.publish(
      {report_of("postgres", health_status::fail), report_of("redis", health_status::pass)});
  CHECK(here.verdict("/readyz?verbose") ==
        "503 [-]postgres failed: nobody listens\n[+]redis ok\nnot ok\n");
  CHECK(here.verdict("/readyz?component=redis") == "200 ok\n");
  CHECK(here.get("/readyz?component=mysql").status == 404);
  CHECK(here.get("/livez?component=redis").status ==
        404);  // nothing of it decides whether the process lives
  CHECK(here.get("/livez").status == 200);
  CHECK(nlohmann::json::parse(here.get("/health?component=redis").body)["checks"].size() == 1);
}

TEST_CASE("/health is what is known of each component, as application/health+json",
          "[health_page]") {
  shown_health here;
  const auto wall = here.telemetry.time().wall();
  here.publish({{.component = "redis",
                 .needed_for = "remembering conversations",
                 .status = health_status::fail,
                 .since = wall,
                 .reason = "the replication link is down",
                 .advice = "look at the primary",
                 .measurements = {{.name = "memory",
                                   .status = health_status::pass,
                                   .value = 0.5,
                                   .unit = "1",
                                   .limit = 0.9}},
                 .time = wall,
                 .latency = 2ms}});
  here.telemetry.time().advance(3s);
  const page_response reply = here.get("/health");
  CHECK(reply.status == 503);
  CHECK(reply.content_type == "application/health+json");
  const auto document = nlohmann::json::parse(reply.body);
  CHECK(document["status"] == "fail");
  CHECK(document["serviceId"] == "chatbot");
  CHECK(document["output"] == "redis: the replication link is down");
  const auto& entry = document["checks"]["redis:responseTime"][0];
  CHECK(entry["observedValue"] == 2.0);
  CHECK(entry["observedUnit"] == "ms");
  CHECK(entry["age"] == 3.0);
  CHECK(entry["neededFor"] == "remembering conversations");
  CHECK(entry["output"] == "the replication link is down");
  CHECK(entry["advice"] == "look at the primary");
  CHECK(document["checks"]["redis:memory"][0]["limit"] == 0.9);
}

TEST_CASE("the page shows health with why and what to do", "[health_page]") {
  shown_health here;
  here.publish({{.component = "<redis>",
                 .status = health_status::fail,
                 .since = here.telemetry.time().wall(),
                 .reason = "it <fails>",
                 .advice = "mend it"}});
  const auto view = nlohmann::json::parse(here.get("/view?view=health").body);
  CHECK(view["counts"]["not_well"] == 1);
  CHECK(view["data"]["rows"][0]["component"] == "<redis>");
  CHECK(view["data"]["rows"][0]["reason"] == "it <fails>");
  CHECK(view["data"]["rows"][0]["advice"] == "mend it");
}

TEST_CASE("what servers say is on the page and at /sources, statements beside ours",
          "[health_page]") {
  shown_health here;
  auto statement = std::make_shared<statement_identity>();
  statement->text = "select ?";
  statement->fingerprint = 7;
  auto source = std::make_shared<source_report>(source_report{
      .name = "postgresql db", .state = source_state::fresh, .time = here.telemetry.time().wall()});
  source->statements.push_back({.server = {.statement = statement,
                                           .database = "chat",
                                           .calls = 12,
                                           .time = 24ms,
                                           .rows = 30,
                                           .blocks_read = 4},
                                .client_calls = 10,
                                .client_time = 50ms,
                                .remark = "other clients made 2 or more of the server's calls"});
  source->unavailable.push_back({"postgresql.io", "needs PostgreSQL 16"});
  here.telemetry.recorder().part<detail::source_board>().publish(&here, {source});
  const auto shown = nlohmann::json::parse(here.get("/view?view=servers").body)["data"]["rows"][0];
  CHECK(shown["unavailable"][0]["reason"] == "needs PostgreSQL 16");
  CHECK(shown["statements"][0]["outside_server"] == 0.003);
  CHECK(shown["statements"][0]["server"]["blocks_read"] == 4);
  const auto document = nlohmann::json::parse(here.get("/sources").body)["sources"][0];
  CHECK(document["state"] == "fresh");
  CHECK(document["statements"][0]["calls"] == 10);
  CHECK(document["statements"][0]["server"]["calls"] == 12);
  CHECK(document["statements"][0]["outside_server"] == 0.003);
  CHECK(document["unavailable"][0]["reason"] == "needs PostgreSQL 16");
}
