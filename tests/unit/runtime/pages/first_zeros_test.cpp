// What Prometheus scrapes begins with a zero, whenever it begins: so increase() counts the first calls too.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/histogram_family.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/runtime/pages/pages.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/testing/capture.hpp>
#include <unit/exporters/prometheus/exposition.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <string>

namespace {

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

/// A service whose scrapes are those of one Prometheus, which remembers the sample before of each series.
class scraped_service {
 public:
  explicit scraped_service(const recorder_options& options = {}) : telemetry_{options} {}

  void call(std::string_view sql, int times = 1, const outcome& ended = outcome::ok()) {
    for (int i = 0; i < times; ++i) {
      operation call{documents_.statement_for(sql)};
      call.fail(ended);
      telemetry_.time().advance(1us);
    }
  }

  void scrape(std::string_view path = "/metrics") {
    telemetry_.time().advance(15s);
    const auto numbers = numbers_of(parse_exposition(scraped(path, "10")));
    for (const auto& [series, number] : numbers) {
      const auto before = last_.find(series);
      if (before != last_.end()) increases_[series] += number - before->second;
    }
    last_ = numbers;
  }

  [[nodiscard]] std::string scraped(std::string_view path, std::string_view timeout) {
    return pages_.respond({.method = "GET", .path = path, .scrape_timeout = timeout}).body;
  }

  /// The increases of all series whose name begins like this and that have this label.
  [[nodiscard]] double increase(std::string_view name, std::string_view label) const {
    double sum = 0;
    for (const auto& [series, increase] : increases_) {
      if (series.starts_with(name) && series.find(label) != std::string::npos) sum += increase;
    }
    return sum;
  }

  [[nodiscard]] capture& telemetry() { return telemetry_; }
  [[nodiscard]] const backend& documents() const { return documents_; }

 private:
  capture telemetry_;
  backend documents_{telemetry_.recorder(), {.system = "sqlite", .dialect = dialect::sqlite}};
  pages pages_{telemetry_.recorder()};
  std::map<std::string, double> last_;
  std::map<std::string, double> increases_;
};

const std::string calls = "db_client_operation_duration_seconds_count{";

}  // namespace

TEST_CASE("increases equal the calls of statements, failures, phases and requests that come late",
          "[first_zeros]") {
  scraped_service service;
  service.scrape();
  service.call("select a from t", 3);
  service.scrape();
  service.scrape();
  service.call("select a from t", 2, outcome::error("787"));
  service.call("insert into u values (1)", 7);
  service.documents().record_phase("validate", 1ms);
  {
    const request chat{service.telemetry().recorder(), "POST /chat"};
    service.call("select a from t", 4);
  }
  service.telemetry().recorder().bind_counter(catalog::connection_timeouts, {{"a", "b"}}).add(5);
  service.scrape();
  service.scrape();
  CHECK(service.increase(calls, "select t") == 9);
  CHECK(service.increase(calls, "error_type=\"787\"") == 2);
  CHECK(service.increase(calls, "insert u") == 7);
  CHECK(service.increase("querytap_operation_phase_duration_seconds_count{", "validate") == 1);
  CHECK(service.increase("querytap_operation_phase_duration_seconds_sum{", "validate") == 0.001);
  CHECK(service.increase("querytap_request_duration_seconds_count{", "POST /chat") == 1);
  CHECK(service.increase("querytap_request_operations_sum{", "POST /chat") == 4);
  CHECK(service.increase("db_client_connection_timeouts_total{", "a=\"b\"") == 5);
}

TEST_CASE("increases count what was called before the first scrape", "[first_zeros]") {
  scraped_service service;
  service.call("select a from t", 3);
  service.scrape();
  service.scrape();
  CHECK(service.increase(calls, "select t") == 3);
}

TEST_CASE("calls of long before the first scrape are not counted as calls of its interval",
          "[first_zeros]") {
  scraped_service service;
  service.call("select a from t", 1000);
  service.telemetry().time().advance(1h);
  service.call("select b from u", 3);
  service.scrape();
  service.call("select a from t", 1);
  service.scrape();
  CHECK(service.increase(calls, "select t") == 1);
  CHECK(service.increase(calls, "select u") == 3);
}

TEST_CASE("increases equal the calls past the series limit", "[first_zeros]") {
  scraped_service service{{.series_limit = 2}};
  service.call("select a from t", 3);
  service.call("select b from u", 3);
  service.scrape();
  service.scrape();
  service.call("select c from v", 4);
  service.scrape();
  service.call("select d from w", 5);
  service.scrape();
  CHECK(service.increase(calls, "otel_metric_overflow=\"true\"") == 9);
}

TEST_CASE("a series that was retired begins anew with a zero", "[first_zeros]") {
  scraped_service service{{.retire_idle_after = 2min}};
  service.call("select a from t", 3);
  service.scrape();
  for (int i = 0; i < 4 * 3; ++i) service.scrape();  // of three minutes
  service.scrape();
  service.call("select a from t", 2);
  service.scrape();
  service.scrape();
  CHECK(service.increase(calls, "select t") == 5);
}

TEST_CASE("gauges are shown as they are, at once", "[first_zeros]") {
  scraped_service service;
  service.scrape();
  service.telemetry().recorder().bind_up_down_counter(catalog::connection_max, {}).add(4);
  CHECK_THAT(service.scraped("/metrics", "10"), Catch::Contains("db_client_connection_max 4\n"));
}

TEST_CASE("only a scrape with the header of Prometheus begins with zeros", "[first_zeros]") {
  scraped_service service;
  service.call("select a from t", 3);
  const std::string series = calls + "db_query_summary=\"select t\",db_system_name=\"sqlite\"} ";
  CHECK_THAT(service.scraped("/metrics", ""), Catch::Contains(series + "3\n"));
  CHECK_THAT(service.scraped("/metrics", "10"), Catch::Contains(series + "0\n"));
  CHECK_THAT(service.scraped("/metrics", ""), Catch::Contains(series + "3\n"));
  CHECK_THAT(service.scraped("/metrics", "10"), Catch::Contains(series + "3\n"));
}

TEST_CASE("a scrape of single metrics is the first of those alone", "[first_zeros]") {
  scraped_service service;
  service.scrape("/metrics?name[]=querytap_lanes");
  service.call("select a from t", 3);
  service.scrape("/metrics?name[]=querytap_lanes");
  service.scrape("/metrics");
  service.scrape("/metrics");
  CHECK(service.increase(calls, "select t") == 3);
}

TEST_CASE("a first zero has the labels and the buckets of the series, and no exemplar",
          "[first_zeros]") {
  scraped_service service;
  service.call("select a from t", 3);
  const auto samples = [](const std::string& text) {
    std::map<std::string, double> numbers = numbers_of(parse_exposition(text));
    std::erase_if(numbers, [](const auto& n) { return !n.first.starts_with("db_client_op"); });
    return numbers;
  };
  const auto zeros = samples(service.scraped("/metrics", "10"));
  const auto values = samples(service.scraped("/metrics", "10"));
  REQUIRE(zeros.size() == values.size());
  CHECK(std::ranges::equal(
      zeros, values, {}, [](const auto& n) { return n.first; },
      [](const auto& n) { return n.first; }));
  CHECK(std::ranges::all_of(zeros, [](const auto& n) { return n.second == 0; }));
}
