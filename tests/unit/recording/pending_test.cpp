// A record that waits in its thread's lane for the next one is in every collection, once.

#include <recording/page_source.hpp>
#include <support/soak.hpp>

#include <querytap/recording/detail/pending.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/histogram_data.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

using namespace querytap;
using querytap::testing::soak_count;

namespace {

struct waiting_series {
  querytap::recorder recorder{{.service_name = "test"}};
  histogram fast =
      recorder.bind_histogram(catalog::operation_duration, {{"db.query.summary", "fast"}});
  histogram slow =
      recorder.bind_histogram(catalog::operation_duration, {{"db.query.summary", "slow"}});

  static void record(const histogram& latency, std::uint64_t value) {
    detail::series& series = latency.target();
    if (!detail::try_record_with_next(series, value)) detail::record_with_next_slow(series, value);
  }
  // By a thread that has nothing pending itself.
  snapshot collect() {
    snapshot result;
    std::thread{[&] { result = recorder.collect(); }}.join();
    return result;
  }
};

const histogram_data& data_of(const snapshot& snapshot, const histogram& latency) {
  for (const point& p : snapshot.find(catalog::operation_duration.name)) {
    if (p.series == latency.target().identity) return *p.histogram;
  }
  static const histogram_data none{bucket_layout::make(catalog::operation_duration, {})};
  return none;
}

std::string text_of(const snapshot& snapshot, const histogram& latency) {
  const histogram_data& data = data_of(snapshot, latency);
  return "count=" + std::to_string(data.count()) + " sum=" + std::to_string(data.sum()) +
         " min=" + std::to_string(data.min()) + " max=" + std::to_string(data.max());
}

}  // namespace

TEST_CASE("a record that waits for the next one is collected, and once it is written still once") {
  waiting_series service;
  service.record(service.fast, 7);    // makes the cell
  service.record(service.fast, 100);  // another bucket's page
  service.record(service.fast, 9);
  CHECK(text_of(service.collect(), service.fast) == "count=3 sum=116 min=7 max=100");
  CHECK(text_of(service.collect(), service.fast) == "count=3 sum=116 min=7 max=100");
  service.record(service.slow, 1'000);
  service.record(service.slow, 1'001);
  CHECK(text_of(service.collect(), service.fast) == "count=3 sum=116 min=7 max=100");
  CHECK(text_of(service.collect(), service.slow) == "count=2 sum=2001 min=1000 max=1001");
  service.slow.record(std::uint64_t{2'000});  // at once, past the one that waits
  CHECK(text_of(service.collect(), service.slow) == "count=3 sum=4001 min=1000 max=2000");
}

TEST_CASE("the last record of a thread is counted after the thread has ended") {
  waiting_series service;
  for (int i = 0; i < 5; ++i) {
    std::thread{[&] {
      service.record(service.fast, 7);
      service.record(service.fast, 7);
    }}.join();
  }
  CHECK(text_of(service.collect(), service.fast) == "count=10 sum=70 min=7 max=7");
}

TEST_CASE("values that are too large to wait are recorded at once") {
  waiting_series service;
  service.record(service.fast, 7);
  service.record(service.fast, detail::pending_word::most);
  service.record(service.fast, detail::pending_word::most + 1);
  service.record(service.fast, UINT64_MAX / 4);
  CHECK(data_of(service.collect(), service.fast).count() == 4);
  CHECK(data_of(service.collect(), service.fast).max() == UINT64_MAX / 4);
}

TEST_CASE("an image of a cell has the record that waits, and a bucket that wraps replaces it") {
  const auto layout = bucket_layout::make(catalog::operation_duration, {});
  std::atomic<std::size_t> bytes{0};
  detail::page_source memory{bytes};
  detail::basic_cell<std::uint8_t> cell;
  detail::pending_word waiting;
  detail::cell_image image{};
  image.layout = layout.get();
  image.pending = &waiting;
  image.series = 3;
  for (std::uint64_t recorded = 1; recorded <= 600; ++recorded) {
    REQUIRE(cell.record_slow(layout->find(7), 7, *layout, memory,
                             {.word = &waiting, .next = detail::pending_word::made_of(3, 7)}));
    cell.read(image);
    const auto count =
        std::accumulate(image.counts.begin(), image.counts.begin() + image.size, std::uint64_t{0});
    if (count != recorded + 1 || image.sum != 7 * count) FAIL("after " << recorded);
  }
  image.series = 4;
  cell.read(image);
  CHECK(image.sum == 600 * 7);
}

TEST_CASE("while threads record and others collect no record is missing, doubled or torn") {
  constexpr int threads = 3;
  const int records = soak_count(3'000'000, 60'000);
  waiting_series service;
  std::array<std::atomic<std::uint64_t>, threads> ended{};
  std::atomic<int> running{threads};
  std::vector<std::thread> writers;
  for (std::size_t id = 0; id < threads; ++id) {
    writers.emplace_back([&, id] {
      for (int i = 0; i < records; ++i) {
        // In turn, several of one in a row, and now and then past the one that waits.
        if (i % 64 == 63) {
          service.fast.record(std::uint64_t{7});
        } else {
          (i / 5) % 2 == 0 ? service.record(service.fast, 7) : service.record(service.slow, 1'000);
        }
        ended[id].store(static_cast<std::uint64_t>(i) + 1, std::memory_order_release);
      }
      --running;
    });
  }
  std::uint64_t last = 0;
  while (running.load() != 0) {
    std::uint64_t at_least = 0;
    for (const auto& of_thread : ended) at_least += of_thread.load(std::memory_order_acquire);
    const snapshot collected = service.recorder.collect();
    const histogram_data& fast = data_of(collected, service.fast);
    const histogram_data& slow = data_of(collected, service.slow);
    if (fast.sum() != 7 * fast.count() || slow.sum() != 1'000 * slow.count()) FAIL("torn");
    const std::uint64_t count = fast.count() + slow.count();
    if (count < at_least) FAIL(at_least - count << " records are missing");
    if (count < last) FAIL("ran backwards");
    last = count;
  }
  for (std::thread& writer : writers) writer.join();
  const snapshot end = service.collect();
  CHECK(data_of(end, service.fast).count() + data_of(end, service.slow).count() ==
        static_cast<std::uint64_t>(threads) * static_cast<std::uint64_t>(records));
}
