// The cost of timing one call, beside the two clock reads that any timing needs, and beside the
// same timing done by hand with prometheus-cpp. The calls themselves do nothing: all latencies
// recorded are the few nanoseconds that the timing itself takes.

#include "../support/benchmarks.hpp"

#include <querytap/querytap.hpp>

#include <prometheus/histogram.h>

#include <chrono>

namespace {

using namespace querytap;
using querytap::bench::measure_threads;

recorder& shared_recorder() {
  static recorder instance{{.service_name = "bench"}};
  return instance;
}

const statement& shared_statement() {
  static const backend documents{shared_recorder(), {.system = "postgresql"}};
  static const statement_handle search{
      documents.statement_for("select body from documents where id = $1")};
  return *search;
}

void timed_operation(benchmark::State& state) {
  const statement& search = shared_statement();
  for (auto _ : state) operation{search}.finish();
}

void disabled_operation(benchmark::State& state) {
  static recorder off{{.service_name = "bench", .disabled = true}};
  static const backend documents{off, {.system = "postgresql"}};
  static const statement_handle search{documents.statement_for("select 1")};
  for (auto _ : state) operation{*search}.finish();
}

void timed_operation_with_rows(benchmark::State& state) {
  const statement& search = shared_statement();
  for (auto _ : state) {
    operation call{search};
    call.rows(1);
  }
}

void timed_operation_in_request(benchmark::State& state) {
  const statement& search = shared_statement();
  const request chat{shared_recorder(), "POST /chat"};
  for (auto _ : state) operation{search}.finish();
}

void timed_request(benchmark::State& state) {
  for (auto _ : state) request{shared_recorder(), "POST /chat"}.finish();
}

void timed_request_with_operation(benchmark::State& state) {
  const statement& search = shared_statement();
  for (auto _ : state) {
    const request chat{shared_recorder(), "POST /chat"};
    operation{search}.finish();
  }
}

void two_clock_reads(benchmark::State& state) {
  const querytap::clock& time = clock::process();
  for (auto _ : state) {
    benchmark::DoNotOptimize(time.ticks());
    benchmark::DoNotOptimize(time.ticks());
  }
}

void prometheus_cpp_by_hand(benchmark::State& state) {
  const auto bounds = catalog::operation_duration.bounds;
  static prometheus::Histogram histogram{{bounds.begin(), bounds.end()}};
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    histogram.Observe(spent.count());
  }
}

}  // namespace

int main(int argc, char** argv) {
  measure_threads("calls/operation/querytap", timed_operation);
  measure_threads("calls/operation/disabled", disabled_operation);
  measure_threads("calls/operation/two_clock_reads", two_clock_reads);
  measure_threads("calls/operation/prometheus_cpp", prometheus_cpp_by_hand);
  measure_threads("calls/operation_with_rows/querytap", timed_operation_with_rows);
  measure_threads("calls/operation_in_request/querytap", timed_operation_in_request);
  measure_threads("calls/request/querytap", timed_request);
  measure_threads("calls/request_with_operation/querytap", timed_request_with_operation);
  return querytap::bench::run(argc, argv);
}
