// The real Prometheus scrapes each of the three formats, and finds the recorded values in each:
// quantiles within the precision of the format, exemplars, and counters that only grow.

#include <querytap/recording/recorder.hpp>
#include <querytap/recording/trace_scope.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/pages/pages.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <end_to_end/prometheus_server.hpp>

#include <httplib.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const std::string name = "db_client_operation_duration_seconds";

/// Records realistic latencies in a trace, and stores each of them for comparison.
class service {
 public:
  void work_for(std::chrono::seconds duration) {
    const histogram latency = recorder_.bind_histogram(
        catalog::operation_duration, {{"db.system.name", "sqlite"}, {"db.namespace", "chat"}});
    std::mt19937_64 random{11};
    std::lognormal_distribution<double> seconds{std::log(0.02), 1.2};
    const auto end = std::chrono::steady_clock::now() + duration;
    while (std::chrono::steady_clock::now() < end) {
      const double value = seconds(random);
      const trace_scope scope{trace()};
      latency.record(static_cast<std::uint64_t>(value * 1e9));
      recorded_.push_back(value);
      std::this_thread::sleep_for(1ms);
    }
    std::ranges::sort(recorded_);
  }

  [[nodiscard]] querytap::recorder& recorder() { return recorder_; }
  [[nodiscard]] double count() const { return static_cast<double>(recorded_.size()); }
  [[nodiscard]] double quantile(double q) const {
    return recorded_[static_cast<std::size_t>(std::ceil(q * count())) - 1];
  }

  static constexpr const char* trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";

 private:
  static trace_context trace() {
    return *trace_context::parse("00-" + std::string{trace_id} + "-00f067aa0ba902b7-01");
  }

  querytap::recorder recorder_{{.service_name = "chatbot"}};
  std::vector<double> recorded_;
};

/// A server that answers every request in text 0.0.4.
class text_only {
 public:
  explicit text_only(querytap::recorder& recorder) : pages_{recorder} {
    server_.Get("/metrics", [this](const httplib::Request& request, httplib::Response& reply) {
      const page_response page = pages_.respond({.method = "GET", .path = request.path});
      reply.set_content(page.body, page.content_type.c_str());
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }
  ~text_only() {
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] int port() const { return port_; }

 private:
  pages pages_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

constexpr double quantiles[] = {0.5, 0.9, 0.99};

std::string quantile_of(double q, const std::string& series) {
  return "histogram_quantile(" + std::to_string(q) + ", " + series + ")";
}

/// Classic buckets give the bucket of a quantile only.
void check_classic_quantiles(const prometheus_server& prometheus, const service& service) {
  const auto bounds = catalog::operation_duration.bounds;
  const auto bucket_of = [&](double value) {
    return std::ranges::lower_bound(bounds, value) - bounds.begin();
  };
  for (const double q : quantiles) {
    const double reported = prometheus.number(quantile_of(q, name + "_bucket"));
    CAPTURE(q, reported, service.quantile(q));
    CHECK(bucket_of(reported) == bucket_of(service.quantile(q)));
  }
}

/// Buckets of schema 3 are 9.05 % wide.
void check_native_quantiles(const prometheus_server& prometheus, const service& service) {
  const double width = std::exp2(1.0 / 8);
  for (const double q : quantiles) {
    const double reported = prometheus.number(quantile_of(q, name));
    CAPTURE(q, reported, service.quantile(q));
    CHECK(reported / service.quantile(q) < width);
    CHECK(service.quantile(q) / reported < width);
  }
}

void check_scrapes(const prometheus_server& prometheus) {
  CHECK(prometheus.number("count_over_time(up[1m])") >= 20);
  CHECK(prometheus.number("min_over_time(up[1m])") == 1);
}

/// The trace ids of all exemplars of these series.
std::vector<std::string> traces_of(const prometheus_server& prometheus, const std::string& series) {
  std::vector<std::string> ids;
  for (const json& found : prometheus.exemplars(series)) {
    for (const json& exemplar : found.at("exemplars")) {
      ids.push_back(exemplar.at("labels").at("trace_id"));
    }
  }
  return ids;
}

void check_exemplars(const prometheus_server& prometheus, const std::string& series) {
  const std::vector<std::string> ids = traces_of(prometheus, series);
  CAPTURE(series);
  CHECK_FALSE(ids.empty());
  for (const std::string& id : ids) CHECK(id == service::trace_id);
}

}  // namespace

TEST_CASE("the real Prometheus finds the same in text, OpenMetrics and protobuf") {
  service chatbot;
  const scrape_endpoint endpoint{chatbot.recorder(), {.listen = "127.0.0.1:0"}};
  const text_only text_server{chatbot.recorder()};
  const std::string interval = "250ms";
  const prometheus_server native{endpoint.port(), {"native-histograms,exemplar-storage", interval}};
  const prometheus_server open{endpoint.port(), {"exemplar-storage", interval}};
  const prometheus_server text{text_server.port(), {"", interval}};
  for (const prometheus_server* server : {&native, &open, &text}) {
    wait_until("Prometheus scrapes", [&] { return server->number("up") == 1; });
  }

  chatbot.work_for(7s);
  wait_until("the last scrapes are in", [&] {
    return native.number("histogram_count(" + name + ")") == chatbot.count() &&
           open.number(name + "_count") == chatbot.count() &&
           text.number(name + "_count") == chatbot.count();
  });

  for (const prometheus_server* server : {&native, &open, &text}) check_scrapes(*server);
  check_native_quantiles(native, chatbot);
  check_classic_quantiles(open, chatbot);
  check_classic_quantiles(text, chatbot);
  CHECK(native.number("resets(histogram_count(" + name + ")[1m:250ms])") == 0);
  CHECK(open.number("sum(resets(" + name + "_bucket[1m]))") == 0);
  CHECK(text.number("sum(resets(" + name + "_bucket[1m]))") == 0);
  check_exemplars(open, name + "_bucket");
  check_exemplars(native, name);
  CHECK(native.query("querytap_scrape_duration_seconds{querytap_format=\"protobuf\"}").size() == 1);
  CHECK(open.number("querytap_scrape_duration_seconds_count{querytap_format=\"open_metrics\"}") >=
        20);
  CHECK(text.number("querytap_scrape_duration_seconds_count{querytap_format=\"text\"}") >= 20);
}

TEST_CASE("the option for classic buckets exports them where native histograms are enabled") {
  service chatbot;
  const scrape_endpoint endpoint{
      chatbot.recorder(),
      {.listen = "127.0.0.1:0", .pages = {.protobuf = {histogram_form::classic}}}};
  chatbot.work_for(1s);
  const prometheus_server prometheus{endpoint.port(), {"native-histograms", "250ms"}};
  wait_until("a scrape is in",
             [&] { return prometheus.number(name + "_count") == chatbot.count(); });
  check_classic_quantiles(prometheus, chatbot);
  CHECK(prometheus.number("querytap_scrape_duration_seconds_count{querytap_format=\"protobuf\"}") >=
        0);
}
