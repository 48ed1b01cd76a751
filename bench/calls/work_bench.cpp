// The cost of timing a call that takes time: a chain of multiplications, each of which waits for the
// one before, stands in for the client's work. It is longer than the processor can look ahead, so
// that what a timed call does at its start and end is hidden behind nothing, as behind a real query.
// The call is timed by scope, and has rows. The floor is the same work between two clock reads.

#include "../support/benchmarks.hpp"

#include <querytap/querytap.hpp>

#include <prometheus/histogram.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

namespace {

using namespace querytap;

/// Out of line, as a client's code is.
[[gnu::noinline]] std::uint64_t multiply(std::uint64_t value, std::size_t times) {
  for (; times > 0; --times) {
    value *= 0x9e3779b97f4a7c15;
    asm volatile("" : "+r"(value));  // no multiplication is left out, and none goes through memory
  }
  return value;
}

/// How many multiplications take so long on this processor, measured once.
std::size_t multiplications_in(std::chrono::nanoseconds time) {
  static const double nanoseconds_of_one = [] {
    constexpr std::size_t many = 1'000'000;
    double least = 1e9;
    for (int attempt = 0; attempt < 20; ++attempt) {
      const auto begin = std::chrono::steady_clock::now();
      benchmark::DoNotOptimize(multiply(1, many));
      const std::chrono::duration<double, std::nano> spent =
          std::chrono::steady_clock::now() - begin;
      least = std::min(least, spent.count() / many);
    }
    return least;
  }();
  return static_cast<std::size_t>(static_cast<double>(time.count()) / nanoseconds_of_one);
}

const statement& shared_statement() {
  static recorder telemetry{{.service_name = "bench"}};
  static const backend documents{telemetry, {.system = "postgresql"}};
  static const statement_handle search{
      documents.statement_for("select body from documents where id = $1")};
  return *search;
}

void timed_work(benchmark::State& state, std::chrono::nanoseconds amount) {
  const statement& search = shared_statement();
  const std::size_t times = multiplications_in(amount);
  std::uint64_t value = 1;
  for (auto _ : state) {
    operation call{search};
    value = multiply(value, times);
    call.rows(1);
  }
  benchmark::DoNotOptimize(value);
}

void work_between_clock_reads(benchmark::State& state, std::chrono::nanoseconds amount) {
  const querytap::clock& time = clock::process();
  const std::size_t times = multiplications_in(amount);
  std::uint64_t value = 1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(time.ticks());
    value = multiply(value, times);
    benchmark::DoNotOptimize(time.ticks());
  }
  benchmark::DoNotOptimize(value);
}

void work_alone(benchmark::State& state, std::chrono::nanoseconds amount) {
  const std::size_t times = multiplications_in(amount);
  std::uint64_t value = 1;
  for (auto _ : state) value = multiply(value, times);
  benchmark::DoNotOptimize(value);
}

void prometheus_cpp_by_hand(benchmark::State& state, std::chrono::nanoseconds amount) {
  const auto bounds = catalog::operation_duration.bounds;
  static prometheus::Histogram histogram{{bounds.begin(), bounds.end()}};
  const std::size_t times = multiplications_in(amount);
  std::uint64_t value = 1;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    value = multiply(value, times);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    histogram.Observe(spent.count());
  }
  benchmark::DoNotOptimize(value);
}

}  // namespace

int main(int argc, char** argv) {
  for (const int nanoseconds : {80, 100, 330}) {
    const std::string work = "calls/work_" + std::to_string(nanoseconds) + "_ns/";
    const auto measure = [&](const char* contender, auto* body) {
      benchmark::RegisterBenchmark((work + contender).c_str(), body,
                                   std::chrono::nanoseconds{nanoseconds});
    };
    measure("querytap", timed_work);
    measure("two_clock_reads", work_between_clock_reads);
    measure("alone", work_alone);
    measure("prometheus_cpp", prometheus_cpp_by_hand);
  }
  return querytap::bench::run(argc, argv);
}
