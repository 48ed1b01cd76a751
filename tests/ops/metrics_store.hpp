#pragma once

#include <support/child_process.hpp>

#include <httplib.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {

/// What a query yields: its samples, or why it failed.
struct query_result {
  nlohmann::json samples = nlohmann::json::array();
  std::string error = {};

  /// Whether there is a number, or a native histogram.
  [[nodiscard]] bool has_data() const {
    for (const nlohmann::json& sample : samples) {
      if (sample.contains("histogram") || sample.at("value").at(1) != "NaN") return true;
    }
    return false;
  }
};

/// A server of metrics that scrapes these ports of 127.0.0.1 every second, as job `chatbot`, and evaluates rules if it is
/// Prometheus.
class metrics_store {
 public:
  enum class kind { prometheus, prometheus_with_native_histograms, victoria_metrics };

  metrics_store(kind type, const std::vector<int>& scraped, const std::string& rules)
      : type_{type} {
    const std::filesystem::path config = folder_.path() / "scrape.yml";
    std::ofstream{folder_.path() / "rules.yaml"} << rules;
    std::ofstream out{config};
    out << "global: {scrape_interval: 1s, scrape_timeout: 1s}\n";
    if (!is_victoria_metrics()) out << "rule_files: [rules.yaml]\n";
    out << "scrape_configs:\n- job_name: chatbot\n  static_configs:\n  - targets: [";
    for (const int port : scraped) out << "'127.0.0.1:" << port << "',";
    out << "]\n";
    out.close();
    process_ = std::make_unique<child_process>(command(config),
                                               child_options{.output = folder_.path() / "log"});
  }

  [[nodiscard]] bool is_victoria_metrics() const { return type_ == kind::victoria_metrics; }

  [[nodiscard]] bool has_native_histograms() const {
    return type_ == kind::prometheus_with_native_histograms;
  }

  [[nodiscard]] std::string_view name() const {
    if (is_victoria_metrics()) return "VictoriaMetrics";
    return type_ == kind::prometheus ? "Prometheus" : "Prometheus with native histograms";
  }

  [[nodiscard]] query_result query(const std::string& expression) const {
    const auto reply = httplib::Client{"127.0.0.1", port_}.Post(
        "/api/v1/query", httplib::Params{{"query", expression}});
    if (!reply) return {.error = "no answer"};
    if (reply->status != 200) return {.error = reply->body};
    return {.samples = nlohmann::json::parse(reply->body).at("data").at("result")};
  }

 private:
  [[nodiscard]] std::vector<std::string> command(const std::filesystem::path& config) const {
    const std::string address = "127.0.0.1:" + std::to_string(port_);
    const std::string data = (folder_.path() / "data").string();
    const char* const program =
        is_victoria_metrics() ? "/usr/bin/victoria-metrics" : "/usr/bin/prometheus";
    if (!std::filesystem::exists(program)) FAIL("missing: " << program << "; apt-get install it");
    if (is_victoria_metrics()) {
      return {program,
              "-storageDataPath",
              data,
              "-httpListenAddr",
              address,
              "-promscrape.config",
              config.string(),
              "-search.latencyOffset",
              "0s",
              "-search.maxStalenessInterval",
              "1m"};
    }
    std::vector<std::string> all{
        program, "--config.file",        config.string(), "--storage.tsdb.path",
        data,    "--web.listen-address", address};
    if (type_ == kind::prometheus_with_native_histograms) {
      all.emplace_back("--enable-feature=native-histograms");
    }
    return all;
  }

  kind type_;
  temporary_folder folder_;
  int port_ = free_port();
  std::unique_ptr<child_process> process_;
};

}  // namespace querytap::testing
