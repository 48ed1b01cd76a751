// Send to a collector: metrics by the clock, slow calls and findings as events, requests as spans.
//
//     $ build/examples/guide_otlp
//     /v1/logs     application/json
//     /v1/metrics  application/json
//     /v1/traces   application/json
//     everything arrived
//     lost: not_connected

#include <querytap/decorators/sqlite.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>
#include <querytap/runtime/otlp/otlp_reports.hpp>
#include <querytap/runtime/watch/query_watch.hpp>

#include <fmt/format.h>
#include <httplib.h>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

/// Stands for a collector: it takes everything, and remembers of what type it was.
class collector {
 public:
  collector() {
    server_.Post("/v1/.*", [this](const httplib::Request& request, httplib::Response& response) {
      const std::lock_guard lock{mutex_};
      received_[request.path] = request.get_header_value("Content-Type");
      response.set_content("{}", "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    serving_ = std::jthread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~collector() { server_.stop(); }

  [[nodiscard]] std::string address() const { return fmt::format("http://127.0.0.1:{}", port_); }
  [[nodiscard]] std::map<std::string, std::string> received() {
    const std::lock_guard lock{mutex_};
    return received_;
  }

 private:
  httplib::Server server_;
  std::mutex mutex_;
  std::map<std::string, std::string> received_;
  int port_ = 0;
  std::jthread serving_;
};

void make_a_slow_request(querytap::recorder& recorder) {
  querytap::sqlite::connection db{recorder, ":memory:", {.slow_threshold = 1ns}};
  querytap::request request{recorder, "POST /chat"};
  db.exec("select 1");
}

}  // namespace

int main() {
  collector there;
  querytap::recorder recorder{{.service_name = "chatbot", .slow_request = 0s}};
  // [guide]
  querytap::otlp_exporter exporter{
      recorder,
      {.endpoint = there.address(),                       // or OTEL_EXPORTER_OTLP_ENDPOINT
       .encoding = querytap::otlp_encoding::json,         // protobuf is the default
       .interval = std::chrono::seconds{15},              // OTEL_METRIC_EXPORT_INTERVAL
       .temporality = querytap::otlp_temporality::delta,  // cumulative for Prometheus behind it
       .histograms = querytap::otlp_histograms::exponential}};
  {
    const querytap::query_watch watch{
        recorder, {.listeners = {std::make_shared<querytap::otlp_reports>(exporter)}}};
    make_a_slow_request(recorder);
  }
  const bool arrived = exporter.shutdown(2s);  // sends what is left, and takes no longer than that
  // [/guide]
  for (const auto& [path, type] : there.received()) fmt::print("{:<11}  {}\n", path, type);
  if (arrived) fmt::print("everything arrived\n");

  // [guide]
  querytap::otlp_exporter nowhere{
      recorder, {.endpoint = "http://127.0.0.1:9", .warn = [](std::string_view) {}}};
  if (!nowhere.shutdown(1s)) {
    for (const auto& [reason, records] : nowhere.dropped()) fmt::print("lost: {}\n", reason);
  }
  // [/guide]
}
