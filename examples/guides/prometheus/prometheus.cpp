// What Prometheus sees: the buckets of a histogram, in the format that its Accept header prefers.
//
//     $ build/examples/guide_prometheus
//     querytap_request_duration_seconds_bucket{querytap_request_name="POST /chat",le="0.001"} 90
//     querytap_request_duration_seconds_bucket{querytap_request_name="POST /chat",le="0.005"} 90
//     querytap_request_duration_seconds_bucket{querytap_request_name="POST /chat",le="0.01"} 90
//     querytap_request_duration_seconds_bucket{querytap_request_name="POST /chat",le="0.05"} 90
//     querytap_request_duration_seconds_bucket{querytap_request_name="POST /chat",le="0.1"} 90
//     querytap_request_duration_seconds_bucket{querytap_request_name="POST /chat",le="0.25"} 99
//     querytap_request_duration_seconds_bucket{querytap_request_name="POST /chat",le="0.5"} 99
//     querytap_request_duration_seconds_bucket{querytap_request_name="POST /chat",le="1"} 99
//     querytap_request_duration_seconds_bucket{querytap_request_name="POST /chat",le="5"} 99
//     querytap_request_duration_seconds_bucket{querytap_request_name="POST /chat",le="10"} 99
//     querytap_request_duration_seconds_bucket{querytap_request_name="POST /chat",le="+Inf"} 99
//     text/plain; version=0.0.4; charset=utf-8
//     application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited

#include <querytap/decorators/sqlite.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/pages/pages.hpp>
#include <querytap/testing/manual_clock.hpp>

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

namespace {

using namespace std::chrono_literals;

using connection_pool = querytap::pool<querytap::sqlite::connection>;

/// One of everything that a service has, so that every metric of the guide is in the scrape.
void serve(querytap::recorder& recorder, querytap::manual_clock& time, connection_pool& pool) {
  for (int i = 0; i < 100; ++i) {
    querytap::request request{recorder, "POST /chat"};
    const auto db = pool.acquire();
    auto query = db->prepare("select body from documents where id = ?");
    query.bind(1);
    static_cast<void>(query.step());
    time.advance(i < 90 ? 800us : 120ms);  // one in ten is slow
    static_cast<void>(query.step());
    if (i == 99) request.fail(querytap::outcome::error("500"));
  }
  querytap::request request{recorder, "GET /documents"};
  const auto db = pool.acquire();
  for (int i = 0; i < 10; ++i) db->exec("select body from documents where id = 1");
  try {
    db->exec("insert into documents(id) values (1)");
  } catch (const querytap::sqlite::error&) {
    // Counted, with SQLite's code.
  }
  try {
    static_cast<void>(pool.acquire());
  } catch (const querytap::pool_timeout&) {
    // Counted too.
  }
}

std::unique_ptr<querytap::sqlite::connection> connect(querytap::recorder& recorder) {
  auto db = std::make_unique<querytap::sqlite::connection>(recorder, ":memory:");
  db->exec("create table documents(id integer primary key, body text)");
  db->exec("insert into documents(body) values ('a page')");
  return db;
}

/// Prints the lines of a scrape that contain `part`.
void print_lines(const std::string& scrape, std::string_view part) {
  std::istringstream lines{scrape};
  for (std::string line; std::getline(lines, line);) {
    if (line.find(part) != std::string::npos) fmt::print("{}\n", line);
  }
}

}  // namespace

int main(int count, char** arguments) {
  querytap::manual_clock time;
  // [guide]
  querytap::recorder_options options{.service_name = "chatbot", .slo_thresholds = {250ms}};
  // [/guide]
  options.time = &time;
  querytap::recorder recorder{options};
  connection_pool pool{recorder,
                       {.name = "documents", .maximum = 1, .acquisition_timeout = 1ms},
                       [&] { return connect(recorder); }};
  serve(recorder, time, pool);
  {
    // A command has `db.operation.name` in the place of a summary.
    const querytap::backend cache{recorder,
                                  {.system = "redis", .dialect = querytap::dialect::redis}};
    const querytap::operation command{cache.statement_for("GET answer:17")};
  }

  // [guide]
  querytap::pages pages{recorder, {.statements = true}};
  // [/guide]
  // A collection makes findings; the next one counts them.
  static_cast<void>(recorder.collect());
  const auto text = pages.respond({.method = "GET", .path = "/metrics"});
  if (count > 1) std::ofstream{arguments[1]} << text.body;  // for check_rules.sh
  print_lines(text.body,
              "querytap_request_duration_seconds_bucket{querytap_request_name=\"POST /chat\"");
  fmt::print("{}\n", text.content_type);

  const auto native = pages.respond(
      {.method = "GET",
       .path = "/metrics",
       .accept = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                 "encoding=delimited,text/plain;q=0.5"});
  fmt::print("{}\n", native.content_type);
}
