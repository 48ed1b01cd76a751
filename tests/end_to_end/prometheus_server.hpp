#pragma once

#include <support/child_process.hpp>

#include <httplib.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace querytap::testing {

/// Waits for another process, and fails after a minute.
template <class Condition>
void wait_until(const std::string& event, Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) FAIL("waited in vain until " << event);
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
}

struct prometheus_options {
  std::string features = {};  ///< the value of --enable-feature
  std::string scrape_interval = "1s";
};

/// The real Prometheus, on a port and in a folder of its own, scraping one target as job `chatbot`.
class prometheus_server {
 public:
  prometheus_server(int scraped_port, const prometheus_options& options) {
    constexpr const char* program = "/usr/bin/prometheus";
    if (!std::filesystem::exists(program)) FAIL("missing: apt-get install prometheus");
    const std::filesystem::path config = folder_.path() / "prometheus.yml";
    std::ofstream{config} << "global: {scrape_interval: " << options.scrape_interval
                          << ", scrape_timeout: " << options.scrape_interval
                          << "}\n"
                             "storage: {exemplars: {max_exemplars: 1000}}\n"
                             "scrape_configs:\n"
                             "- job_name: chatbot\n"
                             "  static_configs: [{targets: ['127.0.0.1:"
                          << scraped_port << "']}]\n";
    std::vector<std::string> command{program,
                                     "--config.file",
                                     config.string(),
                                     "--storage.tsdb.path",
                                     (folder_.path() / "data").string(),
                                     "--web.listen-address",
                                     "127.0.0.1:" + std::to_string(port_)};
    if (!options.features.empty()) command.push_back("--enable-feature=" + options.features);
    process_ =
        std::make_unique<child_process>(command, child_options{.output = folder_.path() / "log"});
  }

  /// The samples that a query yields; none while the server is not ready.
  [[nodiscard]] nlohmann::json query(const std::string& expression) const {
    return get("/api/v1/query", {{"query", expression}}, "result");
  }

  /// The exemplars of the last hour.
  [[nodiscard]] nlohmann::json exemplars(const std::string& expression) const {
    const auto present = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    return get("/api/v1/query_exemplars",
               {{"query", expression},
                {"start", std::to_string(present.count() - 3600)},
                {"end", std::to_string(present.count() + 60)}},
               "");
  }

  /// The one number that a query yields; NaN if it yields none.
  [[nodiscard]] double number(const std::string& expression) const;

  /// The same at the moment of the last scrape, where Prometheus has nothing to extrapolate to.
  [[nodiscard]] double number_at_last_scrape(const std::string& expression) const;

 private:
  [[nodiscard]] nlohmann::json get(const std::string& path, const httplib::Params& parameters,
                                   const std::string& part) const {
    const auto reply =
        httplib::Client{"127.0.0.1", port_}.Get(path, parameters, httplib::Headers{});
    if (!reply || reply->status != 200) return nlohmann::json::array();
    const nlohmann::json data = nlohmann::json::parse(reply->body).at("data");
    return part.empty() ? data : data.at(part);
  }

  temporary_folder folder_;
  int port_ = free_port();
  std::unique_ptr<child_process> process_;
};

[[nodiscard]] inline double value_of(const nlohmann::json& sample) {
  return std::stod(sample.at("value").at(1).get<std::string>());
}

inline double prometheus_server::number(const std::string& expression) const {
  const nlohmann::json samples = query(expression);
  return samples.size() == 1 ? value_of(samples.at(0)) : std::nan("");
}

inline double prometheus_server::number_at_last_scrape(const std::string& expression) const {
  const nlohmann::json scrapes = query("timestamp(up)");
  if (scrapes.size() != 1) return std::nan("");
  const auto time = scrapes.at(0).at("value").at(1).get<std::string>();
  const nlohmann::json samples =
      get("/api/v1/query", {{"query", expression}, {"time", time}}, "result");
  return samples.size() == 1 ? value_of(samples.at(0)) : std::nan("");
}

}  // namespace querytap::testing
