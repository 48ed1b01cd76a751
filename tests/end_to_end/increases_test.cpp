// The real Prometheus reads every hostile name in every format, and its increase() equals the calls, of series
// that were there from the start and of series that came late.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/exporters/prometheus/open_metrics.hpp>
#include <querytap/exporters/prometheus/prometheus_protobuf.hpp>
#include <querytap/exporters/prometheus/prometheus_text.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <end_to_end/prometheus_server.hpp>
#include <unit/exporters/prometheus/hostile_snapshot.hpp>

#include <httplib.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

/// Calls of a service, some of a kind that is new with each round.
class changing_service {
 public:
  void round(int number) {
    call("select a from old_table", 10, outcome{});
    call("select a from table_" + std::to_string(number), 20, outcome{});
    call("select a from old_table", 3, outcome::error("E" + std::to_string(number)));
    documents_.record_phase("phase_" + std::to_string(number), 1ms);
    const request chat{recorder_, "POST /" + std::to_string(number)};
  }

  [[nodiscard]] querytap::recorder& recorder() { return recorder_; }

 private:
  void call(std::string_view sql, int times, const outcome& ended) {
    for (int i = 0; i < times; ++i) {
      operation call{documents_.statement_for(sql)};
      call.fail(ended);
    }
  }

  querytap::recorder recorder_{{.service_name = "chatbot"}};
  backend documents_{recorder_, {.system = "sqlite", .dialect = dialect::sqlite}};
};

/// What was called in `rounds` rounds, in the units of the queries below.
struct expected_increase {
  std::string query;
  double calls;
};

std::vector<expected_increase> expected_increases(const std::string& count, int rounds) {
  const std::string operations = "db_client_operation_duration_seconds";
  const auto sum = [&](const std::string& name, const std::string& labels) {
    return count.empty() ? "sum(increase(" + name + "_count{" + labels + "}[1m]))"
                         : "sum(" + count + "(increase(" + name + "{" + labels + "}[1m])))";
  };
  return {{sum(operations, "db_query_summary='select old_table',error_type=''"), 10.0 * rounds},
          {sum(operations, "db_query_summary=~'select table_.*'"), 20.0 * rounds},
          {sum(operations, "error_type!=''"), 3.0 * rounds},
          {sum("querytap_operation_phase_duration_seconds", "querytap_phase=~'phase_.*'"),
           1.0 * rounds},
          {sum("querytap_request_duration_seconds", ""), 1.0 * rounds}};
}

/// Of classic counters the increase is exact: they start at zero, and there is no time after the last scrape. A native
/// histogram that is not there from the start is taken to have risen for half an interval of scrapes before its first
/// sample, zero or not: up to half more where it has two samples.
void check_increases(const prometheus_server& prometheus, const std::string& count, int rounds) {
  const double most = count.empty() ? 1.001 : 1.5;
  for (const expected_increase& expected : expected_increases(count, rounds)) {
    const double increase = prometheus.number_at_last_scrape(expected.query);
    CAPTURE(expected.query, expected.calls, increase);
    CHECK(increase >= expected.calls * 0.999);
    CHECK(increase <= expected.calls * most);
  }
}

/// A body of this type under /metrics.
class fixed_target {
 public:
  fixed_target(std::string body, std::string type) {
    server_.Get("/metrics", [body = std::move(body), type = std::move(type)](
                                const httplib::Request&, httplib::Response& reply) {
      reply.set_content(body, type.c_str());
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }
  ~fixed_target() {
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] int port() const { return port_; }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace

TEST_CASE("the increases that the real Prometheus finds equal the calls, of late series too") {
  changing_service service;
  const scrape_endpoint endpoint{service.recorder(), {.listen = "127.0.0.1:0"}};
  const std::string interval = "250ms";
  // Each of them has the zeros of an endpoint of its own: the first to come gets them.
  const scrape_endpoint native_endpoint{service.recorder(), {.listen = "127.0.0.1:0"}};
  service.round(0);
  const prometheus_server open{endpoint.port(), {"", interval}};
  const prometheus_server native{native_endpoint.port(), {"native-histograms", interval}};
  const std::string requests = "querytap_request_duration_seconds";
  wait_until("the first scrapes are in", [&] {
    return open.number("count_over_time(up[1m])") >= 2 &&
           native.number("count_over_time(up[1m])") >= 2;
  });
  constexpr int rounds = 5;
  for (int i = 1; i < rounds; ++i) {
    service.round(i);
    std::this_thread::sleep_for(700ms);
  }
  wait_until("the last scrapes are in", [&] {
    return open.number("sum(" + requests + "_count)") == rounds &&
           native.number("sum(histogram_count(" + requests + "))") == rounds;
  });
  check_increases(open, "", rounds);
  check_increases(native, "histogram_count", rounds);
}

TEST_CASE(
    "the real Prometheus reads hostile names in text, OpenMetrics and protobuf, and as many series "
    "of each") {
  const hostile_snapshot hostile;
  const fixed_target text{prometheus_text{}.render(hostile.get()),
                          std::string{prometheus_text::content_type}};
  const fixed_target open{open_metrics{}.render(hostile.get()),
                          std::string{open_metrics::content_type}};
  const fixed_target protobuf{prometheus_protobuf{{histogram_form::classic}}.render(hostile.get()),
                              std::string{prometheus_protobuf::content_type}};
  const prometheus_server of_text{text.port(), {}};
  const prometheus_server of_open{open.port(), {}};
  const prometheus_server of_protobuf{protobuf.port(), {"native-histograms"}};
  std::vector<double> samples;
  for (const prometheus_server* server : {&of_text, &of_open, &of_protobuf}) {
    wait_until("a scrape is in", [&] { return server->number("count_over_time(up[1m])") >= 2; });
    CHECK(server->number("min_over_time(up[1m])") == 1);
    samples.push_back(server->number("scrape_samples_scraped"));
    const double stored = server->number(
        "count({job='chatbot',__name__!~'up|scrape_duration_seconds|scrape_samples_scraped|"
        "scrape_samples_post_metric_relabeling|scrape_series_added'})");
    CHECK(stored == samples.back());  // none of them twice
  }
  CHECK(samples.at(0) > static_cast<double>(hostile.series()));
  CHECK(samples.at(1) == samples.at(0));
  CHECK(samples.at(2) == samples.at(0));
}
