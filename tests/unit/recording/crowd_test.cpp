// Many threads and many series need memory for the pairs that are hot, and every record counts once.

#include <support/crowd.hpp>
#include <support/fork.hpp>

#include <querytap/recording/recorder.hpp>
#include <querytap/recording/trace_scope.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <barrier>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using querytap::testing::bind_many;
using querytap::testing::exit_code_of_child;
using querytap::testing::make_lanes;
using namespace std::chrono_literals;

namespace {

// So low that a lane has room for no more than its 64 own cells.
constexpr std::size_t crowd_limit = 500'000;

std::uint64_t records_of_crowd(recorder& recorder) {
  std::uint64_t count = 0;
  for (const point& p : recorder.collect().find(catalog::operation_duration.name)) {
    CHECK(p.histogram->sum() == 7 * p.histogram->count());
    count += p.histogram->count();
  }
  return count;
}

std::int64_t memory_of(recorder& recorder) {
  return recorder.collect().find(catalog::memory_usage.name).at(0).number;
}

void record_each(const std::vector<histogram>& series, int times = 1) {
  for (int i = 0; i < times; ++i) {
    for (const histogram& latency : series) latency.record(std::uint64_t{7});
  }
}

}  // namespace

TEST_CASE("memory grows with the series and with the threads, not with both multiplied") {
  constexpr int threads = 32;
  recorder recorder{{.service_name = "test"}};
  const auto series = bind_many(recorder, 1'500);
  std::barrier all_at_once{threads};
  std::vector<std::thread> crowd;
  for (int i = 0; i < threads; ++i) {
    crowd.emplace_back([&] {
      record_each(series);
      all_at_once.arrive_and_wait();
    });
  }
  for (std::thread& thread : crowd) thread.join();
  CHECK(records_of_crowd(recorder) == threads * series.size());
  CHECK(memory_of(recorder) < 5'000'000);  // a cell for each pair would be 17 MB
}

TEST_CASE("retired series give their memory back, on whichever side their counts were") {
  recorder recorder{{.service_name = "test", .byte_limit = crowd_limit, .retire_idle_after = 0s}};
  make_lanes(recorder);
  std::int64_t memory = 0;
  for (int round = 1; round <= 20; ++round) {
    const auto series = bind_many(recorder, 200);
    record_each(series, round == 1 ? 1 : 70);
    std::thread{[&] { record_each(series); }}.join();
    static_cast<void>(recorder.collect());
    for (const histogram& bound : series) recorder.release(bound);
    static_cast<void>(recorder.collect());
    const snapshot end = recorder.collect();
    REQUIRE(end.retired.size() == 1);
    CHECK(end.find(catalog::operation_duration.name).empty());
    CHECK(end.retired[0].histogram->count() ==
          400U + static_cast<unsigned>(round - 1) * 71U * 200U);
    if (round == 10) memory = memory_of(recorder);
  }
  CHECK(memory_of(recorder) <= memory);
}

TEST_CASE("the child of a fork amid records into shared cells counts its own alone") {
  recorder recorder{{.service_name = "test", .byte_limit = crowd_limit}};
  make_lanes(recorder);
  const auto series = bind_many(recorder, 200);
  std::atomic<bool> done{false};
  std::vector<std::thread> busy;
  for (int i = 0; i < 2; ++i) {
    busy.emplace_back([&] {
      while (!done.load(std::memory_order_relaxed)) record_each(series);
    });
  }
  int failed = 0;
  for (int i = 0; i < 10; ++i) {
    record_each(series);
    failed += exit_code_of_child([&] {
                record_each(series, 3);
                return records_of_crowd(recorder) == 600;
              }) != 0;
  }
  done = true;
  for (std::thread& thread : busy) thread.join();
  CHECK(failed == 0);
}

TEST_CASE("a series without an own cell has exemplars, and keeps them when it is evicted") {
  recorder recorder{{.service_name = "test", .byte_limit = crowd_limit}};
  make_lanes(recorder);
  const auto series = bind_many(recorder, 200);
  trace_context trace;
  trace.trace_id.fill(1);
  trace.span_id.fill(1);
  trace.flags = trace_context::sampled_flag;
  {
    const trace_scope scope{trace};
    record_each(series);
  }
  record_each(series, 64 * 5);
  for (const point& p : recorder.collect().find(catalog::operation_duration.name)) {
    CHECK(p.histogram->exemplars().size() == 1);
  }
}

TEST_CASE("totals of several threads are exact while all their series change sides") {
  constexpr int threads = 4;
  constexpr int rounds = 300;
  recorder recorder{{.service_name = "test", .byte_limit = crowd_limit}};
  make_lanes(recorder);
  const auto series = bind_many(recorder, 150);
  std::vector<std::thread> crowd;
  std::atomic<int> running{threads};
  for (int i = 0; i < threads; ++i) {
    crowd.emplace_back([&] {
      record_each(series, rounds);
      --running;
    });
  }
  std::uint64_t last = 0;
  while (running != 0) {
    const std::uint64_t count = records_of_crowd(recorder);
    CHECK(count >= last);
    last = count;
  }
  for (std::thread& thread : crowd) thread.join();
  CHECK(records_of_crowd(recorder) == threads * rounds * series.size());
}
