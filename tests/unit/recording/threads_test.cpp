// Threads come and go, recorders too, and every record is counted once.

#include <support/soak.hpp>

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <barrier>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

using namespace querytap;
using querytap::testing::soak_count;

namespace {

struct totals {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  std::int64_t counter = 0;
};

totals totals_of(recorder& recorder) {
  totals result;
  const snapshot snapshot = recorder.collect();
  for (const point& p : snapshot.find(catalog::operation_duration.name)) {
    result.count += p.histogram->count();
    result.sum += p.histogram->sum();
  }
  for (const point& p : snapshot.find(catalog::connection_timeouts.name))
    result.counter += p.number;
  return result;
}

std::int64_t gauge_of(recorder& recorder, std::string_view name) {
  return recorder.collect().find(name).at(0).number;
}

// Runs `body` on `threads` threads of which at most 8 live at once.
template <class Body>
void churn(int threads, Body body) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    if (running.size() == 8) {
      for (std::thread& thread : running) thread.join();
      running.clear();
    }
    running.emplace_back(body, i);
  }
  for (std::thread& thread : running) thread.join();
}

}  // namespace

TEST_CASE("threads that come and go while a reader collects lose nothing and never run backwards") {
  constexpr int threads = 400;
  constexpr std::uint64_t records = 500;
  recorder recorder{{.service_name = "test"}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  const counter timeouts = recorder.bind_counter(catalog::connection_timeouts, {});

  std::atomic<bool> done{false};
  std::thread reader{[&] {
    totals last;
    while (!done.load()) {
      const totals current = totals_of(recorder);
      if (current.count < last.count || current.sum < last.sum || current.counter < last.counter) {
        FAIL("a snapshot ran backwards");
      }
      if (current.sum != 7 * current.count) FAIL("sum and count are of different moments");
      last = current;
    }
  }};
  churn(threads, [&](int) {
    for (std::uint64_t i = 0; i < records; ++i) {
      latency.record(7);
      timeouts.add();
    }
  });
  done = true;
  reader.join();

  const totals end = totals_of(recorder);
  CHECK(end.count == threads * records);
  CHECK(end.sum == 7 * threads * records);
  CHECK(end.counter == static_cast<std::int64_t>(threads * records));
}

TEST_CASE("no more lanes are made than threads lived at once") {
  recorder recorder{{.service_name = "test"}};
  const counter timeouts = recorder.bind_counter(catalog::connection_timeouts, {});
  churn(100, [&](int) { timeouts.add(); });
  CHECK(totals_of(recorder).counter == 100);
  CHECK(gauge_of(recorder, "querytap.lanes") <= 9);  // eight of the threads, and the reader's own
}

TEST_CASE("after thousands of short threads totals are exact and memory is what it was") {
  const int threads = soak_count(100'000, 5'000);
  recorder recorder{{.service_name = "test"}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  const counter timeouts = recorder.bind_counter(catalog::connection_timeouts, {});
  const auto record = [&](int thread) {
    for (int i = 0; i <= thread % 3; ++i) latency.record(std::uint64_t{7});
    timeouts.add();
  };
  // As many at once as there will ever be, so that every lane that is needed is there.
  std::barrier all_at_once{8};
  churn(8, [&](int thread) {
    record(thread);
    all_at_once.arrive_and_wait();
  });
  static_cast<void>(totals_of(recorder));
  const std::int64_t memory = gauge_of(recorder, "querytap.memory.usage");
  churn(threads, record);

  const totals end = totals_of(recorder);
  std::uint64_t expected = 0;
  for (int thread = 0; thread < 8; ++thread) expected += 1 + static_cast<std::uint64_t>(thread % 3);
  for (int thread = 0; thread < threads; ++thread) {
    expected += 1 + static_cast<std::uint64_t>(thread % 3);
  }
  CHECK(end.count == expected);
  CHECK(end.sum == 7 * expected);
  CHECK(end.counter == threads + 8);
  CHECK(gauge_of(recorder, "querytap.memory.usage") == memory);
}

TEST_CASE("threads that bind the same and different series at once agree on them") {
  recorder recorder{{.service_name = "test"}};
  churn(64, [&](int thread) {
    for (int i = 0; i < 20; ++i) {
      recorder.bind_histogram(catalog::operation_duration, {{"db.namespace", (thread + i) % 30}})
          .record(std::uint64_t{1});
    }
  });
  CHECK(recorder.collect().find(catalog::operation_duration.name).size() == 30);
  CHECK(totals_of(recorder).count == 64 * 20);
}

namespace {

// Records when the thread's storage is destroyed, in either order: one object before the lane is
// returned, the other, made earlier, afterwards.
struct records_at_exit {
  std::optional<histogram> latency;
  ~records_at_exit() {
    if (latency.has_value()) latency->record(std::uint64_t{1});
  }
};

thread_local records_at_exit made_before_the_lane;
thread_local records_at_exit made_after_the_lane;

}  // namespace

TEST_CASE("records made while a thread's storage is destroyed are counted") {
  recorder recorder{{.service_name = "test"}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  churn(20, [&](int) {
    made_before_the_lane.latency = latency;
    latency.record(std::uint64_t{1});
    made_after_the_lane.latency = latency;
  });
  CHECK(totals_of(recorder).count == 60);
}

TEST_CASE("a recorder may end before the threads that recorded into it, and another begin") {
  std::atomic<int> step{0};
  auto first = std::make_unique<recorder>(recorder_options{.service_name = "first"});
  auto second = std::unique_ptr<recorder>{};
  histogram latency = first->bind_histogram(catalog::operation_duration, {});
  std::thread worker{[&] {
    latency.record(std::uint64_t{1});
    step = 1;
    step.notify_all();
    step.wait(1);
    latency.record(std::uint64_t{2});
  }};
  step.wait(0);
  CHECK(totals_of(*first).count == 1);
  first.reset();
  second = std::make_unique<recorder>(recorder_options{.service_name = "second"});
  latency = second->bind_histogram(catalog::operation_duration, {});
  step = 2;
  step.notify_all();
  worker.join();
  CHECK(totals_of(*second).sum == 2);
}

TEST_CASE("two threads may collect at once") {
  recorder recorder{{.service_name = "test"}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done.load()) {
        const totals current = totals_of(recorder);
        if (current.sum != 7 * current.count) FAIL("sum and count are of different moments");
      }
    });
  }
  for (int i = 0; i < 20'000; ++i) latency.record(std::uint64_t{7});
  done = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(totals_of(recorder).count == 20'000);
}
