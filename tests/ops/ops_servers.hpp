#pragma once

#include <support/child_process.hpp>

#include <httplib.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace querytap::testing {

/// What Alertmanager sent to a receiver about an alert.
struct notified_alert {
  std::chrono::steady_clock::time_point time;
  std::string receiver;  ///< the path: `/pager`
  nlohmann::json group_labels;
  nlohmann::json alert;

  [[nodiscard]] std::string label(const char* name) const {
    return alert.at("labels").value(name, std::string{});
  }
  [[nodiscard]] bool is_over() const { return alert.at("status") == "resolved"; }
};

/// Takes all webhooks and remembers their alerts.
class webhook_receiver {
 public:
  webhook_receiver() {
    server_.Post(".*", [this](const httplib::Request& request, httplib::Response&) {
      const auto message = nlohmann::json::parse(request.body);
      const std::lock_guard lock{mutex_};
      for (const auto& alert : message.at("alerts")) {
        notified_.push_back(
            {std::chrono::steady_clock::now(), request.path, message.at("groupLabels"), alert});
      }
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }
  webhook_receiver(const webhook_receiver&) = delete;
  webhook_receiver& operator=(const webhook_receiver&) = delete;
  ~webhook_receiver() {
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] int port() const noexcept { return port_; }
  [[nodiscard]] std::vector<notified_alert> notified() const {
    const std::lock_guard lock{mutex_};
    return notified_;
  }

 private:
  httplib::Server server_;
  mutable std::mutex mutex_;
  std::vector<notified_alert> notified_;
  int port_ = 0;
  std::thread thread_;
};

/// What Prometheus, or a server with its API, answers to a query: an error too; null without an answer.
[[nodiscard]] inline nlohmann::json answer_to_query(int port, const std::string& expression) {
  const auto reply = httplib::Client{"127.0.0.1", port}.Post(
      "/api/v1/query", httplib::Params{{"query", expression}});
  return reply ? nlohmann::json::parse(reply->body) : nlohmann::json{};
}

/// The real Prometheus with a configuration of the test's own, in a folder of its own.
class configured_prometheus {
 public:
  explicit configured_prometheus(const std::string& configuration,
                                 std::vector<std::string> options = {}) {
    const auto file = folder_.path() / "prometheus.yml";
    std::ofstream{file} << configuration;
    std::vector<std::string> command{"/usr/bin/prometheus", "--config.file=" + file.string(),
                                     "--storage.tsdb.path=" + (folder_.path() / "data").string(),
                                     "--web.listen-address=127.0.0.1:" + std::to_string(port_)};
    command.insert(command.end(), options.begin(), options.end());
    process_ =
        std::make_unique<child_process>(command, child_options{.output = folder_.path() / "log"});
    INFO(read_text(folder_.path() / "log"));
    REQUIRE(became_ready(*process_, [this] { return !get("/api/v1/status/buildinfo").is_null(); }));
  }

  /// The `data` of an answer of the API; null if there is none.
  [[nodiscard]] nlohmann::json get(const std::string& path) const {
    const auto reply = httplib::Client{"127.0.0.1", port_}.Get(path.c_str());
    return reply && reply->status == 200 ? nlohmann::json::parse(reply->body).at("data")
                                         : nlohmann::json{};
  }

  [[nodiscard]] nlohmann::json query(const std::string& expression) const {
    return answer_to_query(port_, expression);
  }

 private:
  temporary_folder folder_;
  int port_ = free_port();
  std::unique_ptr<child_process> process_;
};

/// The real Alertmanager.
class alertmanager_server {
 public:
  explicit alertmanager_server(const std::filesystem::path& configuration) {
    process_ = std::make_unique<child_process>(
        std::vector<std::string>{
            "/usr/bin/prometheus-alertmanager", "--config.file=" + configuration.string(),
            "--storage.path=" + (folder_.path() / "data").string(),
            "--cluster.listen-address=", "--web.listen-address=127.0.0.1:" + std::to_string(port_)},
        child_options{.output = folder_.path() / "log"});
    INFO(read_text(folder_.path() / "log"));
    REQUIRE(became_ready(*process_, [this] { return !alerts().is_null(); }));
  }

  [[nodiscard]] int port() const noexcept { return port_; }

  /// All alerts, those too that are inhibited.
  [[nodiscard]] nlohmann::json alerts() const {
    const auto reply = httplib::Client{"127.0.0.1", port_}.Get("/api/v2/alerts");
    return reply && reply->status == 200 ? nlohmann::json::parse(reply->body) : nlohmann::json{};
  }

 private:
  temporary_folder folder_;
  int port_ = free_port();
  std::unique_ptr<child_process> process_;
};

}  // namespace querytap::testing
