// A process may fork whatever else it is doing: the child works, counts from zero and ends.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/histogram_family.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/health/health.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <support/fork.hpp>
#include <support/soak.hpp>
#include <unit/runtime/otlp/otlp_collector.hpp>

#include <curl/curl.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

otlp_exporter_options sending_all_the_time(const fault_server& collector) {
  otlp_exporter_options options = options_for(collector);
  options.interval = 50ms;
  return options;
}

constexpr instrument length_of_queue{"test.queue.length", "{job}", instrument_kind::gauge, "Jobs."};

/// Is asked all the time, and is locked meanwhile.
class queue_collector final : public querytap::collector {
 public:
  [[nodiscard]] std::string name() const override { return "queue"; }
  [[nodiscard]] std::chrono::nanoseconds interval() const override { return 1ms; }
  [[nodiscard]] attributes calls_to_join() const override {
    const std::lock_guard lock{mutex_};
    return {{"db.system.name", "sqlite"}};
  }
  void collect(collected& found, deadline) override {
    const std::lock_guard lock{mutex_};
    found.add(length_of_queue, 3);
    std::this_thread::yield();
  }

 private:
  mutable std::mutex mutex_;
};

/// Is asked all the time, and is locked meanwhile.
class queue_probe final : public health_probe {
 public:
  [[nodiscard]] health_answer look(deadline) override {
    const std::lock_guard lock{mutex_};
    std::this_thread::yield();
    return {};
  }

 private:
  std::mutex mutex_;
};

health_options asking_all_the_time() {
  return {.checks = {
              {.component = "queue", .probe = std::make_shared<queue_probe>(), .interval = 2ms}}};
}

/// A service with everything in it, and threads that use all of it at once.
class busy_service {
 public:
  busy_service() {
    run([this] { answer_request(false); });
    run([this] { answer_request(true); });
    run([this] { bind_something_new(); });
    run([this] { static_cast<void>(telemetry.collect()); });
    run([this] { scrape_once(); });
    work(1);
    while (busy_ != threads_.size()) std::this_thread::yield();
  }
  ~busy_service() {
    is_done_ = true;
    work(1);
    for (std::thread& thread : threads_) thread.join();
  }
  busy_service(const busy_service&) = delete;
  busy_service& operator=(const busy_service&) = delete;

  /// From now on each thread makes so many steps more, beside whatever the caller does.
  void work(std::ptrdiff_t steps) {
    for (const auto& permits : permits_) permits->release(steps);
  }

  /// Two calls on a connection of the pool.
  void answer_request(bool fails) {
    const request request{telemetry, "POST /chat"};
    const auto connection = connections.acquire();
    for (const bool is_last : {false, true}) {
      operation call{documents.statement_for("select body from documents where id = 1")};
      call.rows(1);
      if (fails && is_last) call.fail(outcome::error("5"));
    }
  }

  [[nodiscard]] std::uint64_t records_of(const instrument& instrument) {
    std::uint64_t count = 0;
    for (const point& p : telemetry.collect().find(instrument.name)) {
      count += p.histogram == nullptr ? static_cast<std::uint64_t>(p.number) : p.histogram->count();
    }
    return count;
  }

  void end_everything() {
    endpoint.reset();
    exporter.reset();
    checks.reset();
    servers.reset();
    watch.reset();
  }

  const fault_server collector{{reply(200)}};
  recorder telemetry{{.service_name = "chatbot", .retire_idle_after = 2s}};
  const backend documents{telemetry,
                          {.system = "sqlite", .dialect = dialect::sqlite, .slow_threshold = 1us}};
  pool<int> connections{
      telemetry, {.name = "documents", .maximum = 8}, [] { return std::make_unique<int>(7); }};
  std::optional<scrape_endpoint> endpoint{std::in_place, telemetry,
                                          scrape_endpoint_options{.listen = "127.0.0.1:0"}};
  std::optional<otlp_exporter> exporter{std::in_place, telemetry, sending_all_the_time(collector)};
  std::optional<health> checks{std::in_place, telemetry, asking_all_the_time()};
  std::optional<collectors> servers{
      std::in_place, telemetry,
      collectors_options{.sources = {std::make_shared<queue_collector>()}}};
  std::optional<query_watch> watch{
      std::in_place, telemetry,
      query_watch_options{.interval = 1ms, .on_call_report = [this](const call_report&) {
                            reports_.fetch_add(1, std::memory_order_relaxed);
                          }}};

 private:
  void run(std::function<void()> step) {
    auto& permits = *permits_.emplace_back(std::make_unique<std::counting_semaphore<>>(0));
    threads_.emplace_back([this, &permits, step = std::move(step)] {
      permits.acquire();
      step();
      ++busy_;
      while (!is_done_) {
        step();
        permits.acquire();
      }
    });
  }

  // Statements, families and request names, some of which are retired meanwhile.
  void bind_something_new() {
    const std::string number = std::to_string(++bound_ % 500);
    const operation call{documents.statement_for("select c" + number + " from documents")};
    const request request{telemetry, "GET /" + std::to_string(bound_ % 50)};
    tools_.record(1us, {number});
  }

  void scrape_once() {
    const std::unique_ptr<CURL, void (*)(CURL*)> client{curl_easy_init(), curl_easy_cleanup};
    const std::string url = "http://127.0.0.1:" + std::to_string(endpoint->port()) + "/metrics";
    curl_easy_setopt(client.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(client.get(), CURLOPT_TIMEOUT, 5L);
    curl_easy_setopt(client.get(), CURLOPT_NOBODY, 1L);
    curl_easy_perform(client.get());
  }

  static constexpr instrument tool_duration{"test.tool.duration", "s", instrument_kind::histogram,
                                            "Time of a tool."};

  const histogram_family<1> tools_{telemetry, tool_duration, {"tool"}};
  int bound_ = 0;
  std::atomic<int> reports_{0};
  std::atomic<std::size_t> busy_{0};
  std::atomic<bool> is_done_{false};
  std::vector<std::unique_ptr<std::counting_semaphore<>>> permits_;  // of each thread
  std::vector<std::thread> threads_;
};

/// What the child of a fork finds and does. 0: all is well; else the number of the check that failed.
int check_in_child(busy_service& service, operation& open_call, bool ends_everything) {
  int check = 0;
  const auto holds = [&check](bool fact) {
    ++check;
    return fact;
  };
  const auto count = [&](const instrument& instrument) { return service.records_of(instrument); };
  if (!holds(count(catalog::operation_duration) == 0)) return check;
  if (!holds(count(catalog::request_duration) == 0)) return check;
  if (!holds(count(catalog::dropped) == 0)) return check;
  open_call.finish();
  service.answer_request(true);
  if (!holds(count(catalog::operation_duration) == 3)) return check;
  if (!holds(count(catalog::phase_duration) == 3)) return check;
  if (!holds(count(catalog::returned_rows) == 1)) return check;
  if (!holds(count(catalog::request_duration) == 1)) return check;
  if (!holds(count(catalog::connection_wait_time) == 1)) return check;
  if (!holds(count(catalog::connection_pending_requests) == 0)) return check;
  service.watch->look();
  if (!holds(!service.telemetry.collect().call_reports.empty())) return check;
  if (!holds(service.exporter->flush(10s))) return check;
  service.servers->ask_now();
  if (!holds(service.telemetry.collect().sources.size() == 1)) return check;
  if (ends_everything) service.end_everything();
  return 0;
}

}  // namespace

TEST_CASE("a fork amid everything leaves a child that counts from zero, works and ends") {
  busy_service service;
  std::map<int, int>
      failures;  // by exit code: one more than the number of the check, or 128 and a signal
  const int forks = soak_count(1000, 100);
  for (int i = 0; i < forks; ++i) {
    request open_request{service.telemetry, "POST /fork"};
    const auto lease = service.connections.acquire();
    operation open_call{service.documents.statement_for("select 1")};
    service.work(4 + i % 5);
    int failed = 0;
    const int code = exit_code_of_child([&] {
      failed = check_in_child(service, open_call, i % 2 == 0);
      if (failed != 0) _exit(failed + 1);
      return true;
    });
    if (code != 0) ++failures[code];
  }
  CHECK(failures == std::map<int, int>{});
  // The parent has lost nothing, and works on.
  const std::uint64_t before = service.records_of(catalog::operation_duration);
  service.answer_request(false);
  CHECK(service.records_of(catalog::operation_duration) >= before + 2);
  CHECK(service.exporter->flush(10s));
}
