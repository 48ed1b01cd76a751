// What a scrape of 1,000 histograms costs for Prometheus, compressed and over HTTP, and how it delays a thread
// that records meanwhile. Besides prometheus-cpp on equal data, compressed as its endpoint does. And what an answer about
// health costs.

#include "../../support/benchmarks.hpp"
#include "../../support/many_series.hpp"
#include "../../support/tail.hpp"

#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/health/health.hpp>
#include <querytap/runtime/pages/pages.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <prometheus/text_serializer.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::bench;

constexpr std::size_t series_count = 1000;
constexpr std::string_view protobuf =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

void scrape(benchmark::State& state, std::string_view accept, std::string_view encoding) {
  querytap_series series{series_count};
  querytap::pages pages{series.recorder()};
  page_response response;
  for (auto _ : state) {
    state.PauseTiming();
    series.record_into_each();
    state.ResumeTiming();
    pages.respond(
        {.method = "GET", .path = "/metrics", .accept = accept, .accept_encoding = encoding},
        response);
  }
  state.counters["bytes"] = static_cast<double>(response.body.size());
}

// Twenty components, each with five measurements; nothing is asked and nothing collected.
void health_answer_of(benchmark::State& state, std::string_view path) {
  querytap_series series{series_count};
  std::vector<health_check> checks;
  for (int i = 0; i < 20; ++i) {
    health_answer answer;
    for (const char* name : {"role", "memory", "connections", "lag", "slots"}) {
      answer.measurements.push_back(
          {.name = name, .status = health_status::pass, .value = 0.5, .unit = "1", .limit = 0.9});
    }
    checks.push_back({.component = "component " + std::to_string(i),
                      .probe = make_probe([answer](health_probe::deadline) { return answer; })});
  }
  const health health{series.recorder(), {.checks = std::move(checks)}};
  querytap::pages pages{series.recorder()};
  page_response response;
  do {
    pages.respond({.method = "GET", .path = "/readyz"}, response);
  } while (response.status != 200);
  for (auto _ : state) {
    pages.respond({.method = "GET", .path = path, .trusted = true}, response);
  }
}
void readyz(benchmark::State& state) { health_answer_of(state, "/readyz"); }
void whole_health(benchmark::State& state) { health_answer_of(state, "/health"); }

// As prometheus-cpp's endpoint compresses: zlib's own level, the largest memory.
void gzip_by_zlib(const std::string& body, std::string& compressed) {
  z_stream stream{};
  constexpr int gzip_window = 16 + MAX_WBITS;
  constexpr int most_memory = 9;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, most_memory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error{"zlib has no memory"};
  }
  compressed.resize(deflateBound(&stream, body.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
}

void prometheus_cpp_gzip(benchmark::State& state) {
  prometheus_series series{series_count};
  const prometheus::TextSerializer format;
  std::string compressed;
  for (auto _ : state) {
    state.PauseTiming();
    series.record_into_each();
    state.ResumeTiming();
    gzip_by_zlib(format.Serialize(series.registry().Collect()), compressed);
  }
  state.counters["bytes"] = static_cast<double>(compressed.size());
}

void text_gzip(benchmark::State& state) { scrape(state, "", "gzip"); }
void protobuf_gzip(benchmark::State& state) { scrape(state, protobuf, "gzip"); }

/// Scrapes as Prometheus does: one connection, one scrape after the other.
class scraper {
 public:
  explicit scraper(std::uint16_t port) : descriptor_{socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error{"cannot connect to the endpoint"};
    }
  }
  ~scraper() { close(descriptor_); }

  void scrape() {
    constexpr std::string_view request = "GET /metrics HTTP/1.1\r\nHost: bench\r\n\r\n";
    if (send(descriptor_, request.data(), request.size(), MSG_NOSIGNAL) < 0) return;
    answer_.clear();
    std::size_t expected = std::string::npos;
    while (answer_.size() < expected) {
      char part[65536];
      const ssize_t size = recv(descriptor_, part, sizeof part, 0);
      if (size <= 0) return;
      answer_.append(part, static_cast<std::size_t>(size));
      const std::size_t head = answer_.find("\r\n\r\n");
      if (expected != std::string::npos || head == std::string::npos) continue;
      const std::size_t length = answer_.find("Content-Length: ");
      expected = head + 4 + std::stoul(answer_.substr(length + 16, 20));
    }
  }

 private:
  int descriptor_;
  std::string answer_;
};

histogram bind_latency(recorder& recorder) {
  return recorder.bind_histogram(catalog::operation_duration, {{"db.system.name", "postgresql"}});
}

void report_tail(benchmark::State& state, const histogram& latency) {
  for (auto _ : state) {
    state.SetIterationTime(p999_in_seconds([&](std::uint64_t value) { latency.record(value); }));
  }
}

void tail_quiet(benchmark::State& state) {
  querytap_series others{series_count};
  report_tail(state, bind_latency(others.recorder()));
}

void tail_while_scraped(benchmark::State& state) {
  querytap_series others{series_count};
  const histogram latency = bind_latency(others.recorder());
  const scrape_endpoint endpoint{others.recorder(), {.listen = "127.0.0.1:0"}};
  scraper prometheus{endpoint.port()};
  const busy_thread scraping{[&] { prometheus.scrape(); }};
  report_tail(state, latency);
}

}  // namespace

int main(int argc, char** argv) {
  measure("exporters/text_1000_gzip/querytap", text_gzip);
  measure("exporters/text_1000_gzip/prometheus_cpp", prometheus_cpp_gzip);
  measure("exporters/protobuf_1000_gzip/querytap", protobuf_gzip);
  measure("runtime/health/readyz", readyz);
  measure("runtime/health/whole", whole_health);
  measure_tail("exporters/tail_quiet/querytap", tail_quiet);
  measure_tail("exporters/tail_while_scraped/querytap", tail_while_scraped);
  return run(argc, argv);
}
