// The real Prometheus scrapes the chatbot and answers the first questions of an incident: how slow
// is each statement, how full is the pool, how many requests are there.

#include <end_to_end/prometheus_server.hpp>
#include <support/child_process.hpp>

#include <httplib.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace querytap::testing;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

class scraped_chatbot {
 public:
  scraped_chatbot() {
    std::filesystem::create_directory(folder_.path() / "corpus");
    for (const char* name : {"pipe", "fork", "mmap", "open", "close", "poll"}) {
      std::ofstream page{folder_.path() / "corpus" / (std::string{name} + ".md")};
      page << "# " << name << "\n\nThe call " << name << " does what " << name
           << " is known for.\n";
    }
    wait_until("the chatbot serves its metrics", [&] { return !metrics().empty(); });
  }

  [[nodiscard]] int metrics_port() const { return metrics_port_; }
  [[nodiscard]] std::string metrics() const {
    const auto reply = httplib::Client{"127.0.0.1", metrics_port_}.Get("/metrics");
    return reply && reply->status == 200 ? reply->body : std::string{};
  }

 private:
  [[nodiscard]] std::string address(int port) const { return "127.0.0.1:" + std::to_string(port); }

  temporary_folder folder_;
  int metrics_port_ = free_port();
  child_process process_{
      {RAG_CHATBOT_PROGRAM, "--corpus", (folder_.path() / "corpus").string(), "--database",
       (folder_.path() / "chat.db").string(), "--listen", address(0), "--metrics",
       address(metrics_port_), "--load-seconds", "45", "--rate", "20", "--users", "4"},
      {.output = folder_.path() / "log"}};
};

std::set<std::string> label_names(const json& samples) {
  std::set<std::string> names;
  for (const json& sample : samples) {
    for (const auto& [name, value] : sample.at("metric").items()) names.insert(name);
  }
  return names;
}

void check_p99_of_each_statement(const prometheus_server& prometheus) {
  const json p99 = prometheus.query(
      "histogram_quantile(0.99, sum by (le, db_system_name, db_query_summary) "
      "(rate(db_client_operation_duration_seconds_bucket[10s]) > 0))");
  CHECK(p99.size() >= 3);
  for (const json& sample : p99) {
    CAPTURE(sample.dump());
    CHECK(sample.at("metric").at("db_system_name") == "sqlite");
    CHECK(sample.at("metric").contains("db_query_summary"));
    CHECK(value_of(sample) > 0);
    CHECK(std::isfinite(value_of(sample)));
  }
  const auto labels = label_names(prometheus.query("db_client_operation_duration_seconds_count"));
  for (const char* promised : {"db_system_name", "db_namespace", "db_query_summary"}) {
    CAPTURE(promised);
    CHECK(labels.count(promised) == 1);
  }
}

void check_pool(const prometheus_server& prometheus) {
  const json used =
      prometheus.query("db_client_connection_count{db_client_connection_state=\"used\"}");
  REQUIRE(used.size() == 1);
  CHECK(used.at(0).at("metric").contains("db_client_connection_pool_name"));
  CHECK(prometheus
            .query("sum by (db_client_connection_pool_name) (db_client_connection_count) <= "
                   "on (db_client_connection_pool_name) db_client_connection_max")
            .size() == 1);
  CHECK_FALSE(prometheus
                  .query("histogram_quantile(0.99, "
                         "rate(db_client_connection_wait_time_seconds_bucket[10s]))")
                  .empty());
}

void check_request_rate(const prometheus_server& prometheus) {
  const json rate = prometheus.query(
      "sum by (querytap_request_name) (rate(querytap_request_duration_seconds_count[10s]))");
  REQUIRE(rate.size() == 1);
  CHECK(rate.at(0).at("metric").at("querytap_request_name") == "POST /chat");
  CHECK(value_of(rate.at(0)) > 1);
}

void check_with_promtool(const std::string& metrics) {
  const temporary_folder folder;
  const std::string file = (folder.path() / "metrics").string();
  std::ofstream{file} << metrics;
  const finished check =
      run({"/bin/sh", "-c", std::string{"/usr/bin/promtool check metrics < "} + file});
  // promtool's only advice concerns names that OpenTelemetry gives, or whose style is its own.
  std::istringstream lines{check.output};
  for (std::string line; std::getline(lines, line);) {
    CHECK_THAT(line, Catch::EndsWith("_count non-histogram and non-summary metrics should not have "
                                     "\"_count\" suffix"));
  }
  CHECK_THAT(check.output, Catch::StartsWith("db_client_connection_count "));
}

}  // namespace

TEST_CASE("the real Prometheus answers for the p99 of each statement, the pool and the requests") {
  const scraped_chatbot service;
  const prometheus_server prometheus{service.metrics_port(), {}};
  wait_until("two scrapes under load are in", [&] {
    return !prometheus.query("count_over_time(up{job=\"chatbot\"}[1m]) >= 2").empty() &&
           !prometheus.query("increase(querytap_request_duration_seconds_count[10s]) > 0").empty();
  });

  CHECK(value_of(prometheus.query("min_over_time(up{job=\"chatbot\"}[1m])").at(0)) == 1);
  check_p99_of_each_statement(prometheus);
  check_pool(prometheus);
  check_request_rate(prometheus);
  const json info = prometheus.query("target_info");
  REQUIRE(info.size() == 1);
  CHECK(info.at(0).at("metric").at("service_name") == "rag_chatbot");
  check_with_promtool(service.metrics());
}
