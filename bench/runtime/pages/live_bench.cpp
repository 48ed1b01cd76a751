// What the live page costs while people look at it: the endpoint's threads with 2,000 statements and twenty viewers, all
// of whom see what changes, and the tail of a thread that records meanwhile.

#include "../../support/benchmarks.hpp"
#include "../../support/latencies.hpp"
#include "../../support/tail.hpp"

#include <querytap/query/identify.hpp>
#include <querytap/querytap.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/testing/manual_clock.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::bench;
using namespace std::chrono_literals;

constexpr std::size_t statement_count = 2000;
constexpr std::size_t viewer_count = 20;
constexpr std::chrono::seconds watched{10};

std::string statement_text(std::size_t index) {
  return "select body from table_" + std::to_string(index) + " where id = ?";
}

/// A service that has called each of its statements all through the last quarter of an hour, and goes on.
class busy_service {
 public:
  busy_service() {
    for (std::size_t i = 0; i < statement_count; ++i) texts_.push_back(statement_text(i));
    for (int step = 0; step < 90; ++step) {
      for (std::size_t i = 0; i < statement_count; ++i) call_next();
      time_.advance(10s);
      static_cast<void>(recorder_.collect());
    }
  }

  void call_next() {
    operation call{database_.statement_for(texts_[next_ % texts_.size()])};
    time_.advance(std::chrono::microseconds{1 + next_ % 16});
    ++next_;
  }
  void pass(std::chrono::nanoseconds time) { time_.advance(time); }
  [[nodiscard]] querytap::recorder& recorder() noexcept { return recorder_; }

 private:
  manual_clock time_;
  querytap::recorder recorder_{
      {.service_name = "bench", .series_limit = 2 * statement_count, .time = &time_}};
  backend database_{recorder_, {.system = "sqlite", .dialect = dialect::sqlite}};
  std::vector<std::string> texts_;
  std::size_t next_ = 0;
};

/// A browser, as far as the service can tell: it reads what comes.
class viewer {
 public:
  viewer(std::uint16_t port, std::string_view target)
      : descriptor_{socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::string request =
        "GET " + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    if (connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        send(descriptor_, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
      throw std::runtime_error{"cannot connect to the endpoint"};
    }
  }
  ~viewer() { close(descriptor_); }
  viewer(const viewer&) = delete;
  viewer& operator=(const viewer&) = delete;

  /// Without waiting; how many bytes there were.
  std::size_t read_what_is_there() {
    static std::array<char, 1 << 16> part;
    std::size_t bytes = 0;
    for (ssize_t size = 0; (size = recv(descriptor_, part.data(), part.size(), MSG_DONTWAIT)) > 0;)
      bytes += static_cast<std::size_t>(size);
    return bytes;
  }

 private:
  int descriptor_;
};

// Four look at each of these, and four at a statement each.
std::vector<std::unique_ptr<viewer>> viewers_of(std::uint16_t port) {
  constexpr std::array<std::string_view, 4> shared_views{
      "/live?view=overview", "/live?view=statements&window=300",
      "/live?view=statements&window=60&before=600&sort=p99", "/live?view=running"};
  std::vector<std::unique_ptr<viewer>> viewers;
  for (std::size_t i = 0; i < viewer_count; ++i) {
    const std::uint64_t own = identify(statement_text(i), dialect::sqlite).fingerprint;
    const std::size_t view = i % (shared_views.size() + 1);
    viewers.push_back(std::make_unique<viewer>(
        port, view < shared_views.size() ? std::string{shared_views[view]}
                                         : fmt::format("/live?view=statement&id={:016x}", own)));
  }
  return viewers;
}

double seconds_used_by(int who) {
  rusage used{};
  getrusage(who, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// The time that all threads but this one used.
class others_time {
 public:
  [[nodiscard]] double seconds() const { return used() - begin_; }

 private:
  static double used() { return seconds_used_by(RUSAGE_SELF) - seconds_used_by(RUSAGE_THREAD); }
  double begin_ = used();
};

// The share of a core, as seconds per second: this thread calls, and reads for the viewers.
void endpoint_share(benchmark::State& state, bool has_viewers) {
  busy_service service;
  const scrape_endpoint endpoint{service.recorder(), {.listen = "127.0.0.1:0"}};
  const auto viewers =
      has_viewers ? viewers_of(endpoint.port()) : std::vector<std::unique_ptr<viewer>>{};
  for (auto _ : state) {
    const others_time endpoints;
    std::size_t bytes = 0;
    const auto end = std::chrono::steady_clock::now() + watched;
    while (std::chrono::steady_clock::now() < end) {
      for (int i = 0; i < 200; ++i) service.call_next();
      for (const auto& looking : viewers) bytes += looking->read_what_is_there();
      std::this_thread::sleep_for(10ms);
      service.pass(10ms);
    }
    const double seconds = std::chrono::duration<double>(watched).count();
    state.SetIterationTime(endpoints.seconds() / seconds);
    state.counters["bytes_per_second"] = static_cast<double>(bytes) / seconds;
  }
}

void share_watched(benchmark::State& state) { endpoint_share(state, true); }
void share_alone(benchmark::State& state) { endpoint_share(state, false); }

void tail_of_recording(benchmark::State& state, bool has_viewers) {
  busy_service service;
  const scrape_endpoint endpoint{service.recorder(), {.listen = "127.0.0.1:0"}};
  const histogram latency = service.recorder().bind_histogram(catalog::operation_duration,
                                                              {{"db.system.name", "postgresql"}});
  const auto viewers =
      has_viewers ? viewers_of(endpoint.port()) : std::vector<std::unique_ptr<viewer>>{};
  const busy_thread looking{[&] {
    for (const auto& each : viewers) static_cast<void>(each->read_what_is_there());
    std::this_thread::sleep_for(10ms);
  }};
  for (auto _ : state) {
    state.SetIterationTime(p999_in_seconds([&](std::uint64_t value) { latency.record(value); }));
  }
}

void tail_unwatched(benchmark::State& state) { tail_of_recording(state, false); }
void tail_watched(benchmark::State& state) { tail_of_recording(state, true); }

}  // namespace

int main(int argc, char** argv) {
  measure_tail("runtime/live_share_of_core/alone", share_alone);
  measure_tail("runtime/live_share_of_core/twenty_viewers", share_watched);
  measure_tail("runtime/live_tail/alone", tail_unwatched);
  measure_tail("runtime/live_tail/twenty_viewers", tail_watched);
  return run(argc, argv);
}
