// A lane has cells of its own for the series that its thread uses most, and shares the cells of the others:
// whichever way a series goes, every record counts once, and no thread waits.

#include <recording/lane.hpp>
#include <support/soak.hpp>

#include <querytap/snapshot/catalog.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

using namespace querytap;
using namespace querytap::detail;
using querytap::testing::soak_count;

namespace {

// So low that a lane has room for no more than its 64 own cells.
constexpr std::size_t low_limit = 300'000;

// Some lanes and series without a recorder.
struct some_lanes {
  explicit some_lanes(std::size_t byte_limit = low_limit) : limit{byte_limit} {
    overflow.layout = layout.get();
    overflow.position = {0, 255};
    for (std::uint16_t i = 0; i < 200; ++i) {
      all.emplace_back();
      all.back().layout = layout.get();
      all.back().position = {0, i};
      all.back().overflow = &overflow;
    }
  }

  void record(series& series, int times = 1) { record_into(first, series, times); }
  static void record_into(lane& lane, series& series, int times = 1) {
    bool recorded = true;
    for (int i = 0; i < times; ++i) recorded = lane.record(series, 7) && recorded;
    REQUIRE(recorded);
  }
  bool has_own(const series& series) const { return first.find_cell(series.position) != nullptr; }
  std::uint64_t count_in(const cell* cell) const {
    if (cell == nullptr) return 0;
    const auto image = std::make_unique<cell_image>();
    image->layout = layout.get();
    cell->read(*image);
    return std::accumulate(image->counts.begin(), image->counts.begin() + image->size,
                           std::uint64_t{0});
  }
  std::uint64_t count_of(const series& series) const {
    return count_in(first.find_cell(series.position)) +
           count_in(second.find_cell(series.position)) + count_in(series.shared.load());
  }
  // So many records as make a series compete with each own cell of the lane.
  static constexpr int many = 64 * 70;

  const std::shared_ptr<const bucket_layout> layout =
      bucket_layout::make(catalog::operation_duration, {});
  series overflow;
  std::deque<series> all;
  std::size_t limit;
  std::atomic<std::size_t> bytes{0};
  lane_directory::cell_chunk no_cells{};
  shared_cells shared{bytes, limit};
  lane first{1, no_cells, shared, bytes, limit};
  lane second{1, no_cells, shared, bytes, limit};
  lane third{1, no_cells, shared, bytes, limit};  // two alone would not share
};

}  // namespace

TEST_CASE("a lane has an own cell for each of 64 series, and shares those of the others") {
  some_lanes lanes;
  for (series& series : lanes.all) lanes.record(series);
  for (std::size_t i = 0; i < lanes.all.size(); ++i) {
    CHECK(lanes.has_own(lanes.all[i]) == (i < 64));
    CHECK((lanes.all[i].shared.load() == nullptr) == (i < 64));
    CHECK(lanes.count_of(lanes.all[i]) == 1);
  }
}

TEST_CASE("while there is little in memory every series has an own cell") {
  some_lanes lanes{std::size_t{64} << 20};
  for (series& series : lanes.all) lanes.record(series);
  for (const series& series : lanes.all) CHECK(lanes.has_own(series));
}

TEST_CASE("a series that becomes hot gets the cell of one that is no longer in use") {
  some_lanes lanes;
  for (std::size_t i = 0; i < 64; ++i) lanes.record(lanes.all[i], 1000);
  series& hot = lanes.all[100];
  lanes.record(hot, lanes.many);
  CHECK(lanes.has_own(hot));
  int evicted = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    CHECK(lanes.count_of(lanes.all[i]) == 1000);
    evicted += lanes.has_own(lanes.all[i]) ? 0 : 1;
  }
  CHECK(evicted == 1);
  CHECK(lanes.count_of(hot) == lanes.many);
  CHECK(lanes.count_in(lanes.first.find_cell(hot.position)) > 0);
}

TEST_CASE("series that are in use are not evicted for one that is rarer") {
  some_lanes lanes;
  for (std::size_t i = 0; i < 64; ++i) lanes.record(lanes.all[i]);
  for (int round = 0; round < lanes.many; ++round) {
    for (std::size_t i = 0; i < 64; ++i) lanes.record(lanes.all[i]);
    lanes.record(lanes.all[100]);
  }
  CHECK_FALSE(lanes.has_own(lanes.all[100]));
  CHECK(lanes.count_of(lanes.all[100]) == lanes.many);
}

TEST_CASE("series that become hot one after the other take turns, and lose nothing") {
  some_lanes lanes;
  for (int round = 0; round < 2; ++round) {
    for (series& series : lanes.all) {
      lanes.record(series, lanes.many);
      REQUIRE(lanes.has_own(series));
    }
  }
  for (const series& series : lanes.all) CHECK(lanes.count_of(series) == 2 * lanes.many);
}

TEST_CASE("while a collector holds the evictions of a lane none is evicted, and all is counted") {
  some_lanes lanes;
  for (std::size_t i = 0; i < 64; ++i) lanes.record(lanes.all[i]);
  series& hot = lanes.all[100];
  const std::array<lane*, 1> held{&lanes.first};
  {
    const evictions_held collection{held};
    lanes.record(hot, lanes.many);
    CHECK_FALSE(lanes.has_own(hot));
    for (std::size_t i = 0; i < 64; ++i) CHECK(lanes.has_own(lanes.all[i]));
  }
  lanes.record(hot, lanes.many);
  CHECK(lanes.has_own(hot));
  CHECK(lanes.count_of(hot) == 2 * lanes.many);
}

TEST_CASE("a thread that finds a shared cell in use gets an own cell, and does not wait") {
  some_lanes lanes;
  for (std::size_t i = 0; i < 64; ++i) lanes.record(lanes.all[i], 1000);
  series& series = lanes.all[100];
  lanes.record(series);
  CHECK_FALSE(lanes.has_own(series));
  {
    const std::lock_guard other_thread{series.shared.load()->writer};
    lanes.record(series);
  }
  CHECK(lanes.has_own(series));
  CHECK(lanes.count_of(series) == 2);
  int own = 0;
  for (const auto& each : lanes.all) own += lanes.has_own(each) ? 1 : 0;
  CHECK(own == 64);
}

TEST_CASE("where all that could be evicted is in use elsewhere, a record is counted nevertheless") {
  some_lanes lanes;
  for (std::size_t i = 0; i < 64; ++i) lanes.record(lanes.all[i]);
  series& series = lanes.all[100];
  lanes.record(series);
  const std::array<lane*, 1> held{&lanes.first};
  const evictions_held collection{held};
  const std::lock_guard other_thread{series.shared.load()->writer};
  lanes.record(series, 3);
  CHECK(lanes.count_of(series) == 4);
}

TEST_CASE("what two lanes have evicted is in one cell, and each goes on with a new one") {
  some_lanes lanes;
  series& series = lanes.all[0];
  for (lane* const lane : {&lanes.first, &lanes.second}) {
    lanes.record_into(*lane, series, 300);
    for (std::size_t i = 1; i < 64; ++i) lanes.record_into(*lane, lanes.all[i]);
    // Enough new hot series to take every cell.
    for (std::size_t i = 64; i < 200; ++i) lanes.record_into(*lane, lanes.all[i], 4 * 64);
    CHECK(lane->find_cell(series.position) == nullptr);
  }
  CHECK(lanes.count_in(series.shared.load()) == 600);
  lanes.record_into(lanes.second, series, lanes.many);
  CHECK(lanes.second.find_cell(series.position) != nullptr);
  CHECK(lanes.count_of(series) == 600 + lanes.many);
}

TEST_CASE("a version is never less than before, whichever side a series goes to") {
  some_lanes lanes;
  series& series = lanes.all[0];
  std::uint64_t last = 0;
  const auto check = [&] {
    const cell* const own = lanes.first.find_cell(series.position);
    const cell* const shared = series.shared.load();
    const std::uint64_t version =
        (own == nullptr ? 0 : own->version()) + (shared == nullptr ? 0 : shared->version());
    CHECK(version >= last);
    last = version;
  };
  for (int round = 0; round < 20; ++round) {
    lanes.record(series, 100);
    check();
    for (std::size_t i = 1; i < 200; ++i) lanes.record(lanes.all[i], 64);
    check();
  }
  CHECK(last == 2 * 20 * 100);
}

TEST_CASE(
    "above the byte limit a series gets no cell, and the overflow series counts its records") {
  some_lanes lanes{1};
  for (series& series : lanes.all) lanes.record(series);
  CHECK(lanes.count_of(lanes.overflow) == lanes.all.size());
  for (const series& series : lanes.all) CHECK(lanes.count_of(series) == 0);
}

TEST_CASE("above the byte limit the memory of retired series is used for others") {
  some_lanes lanes;
  for (series& series : lanes.all) lanes.record(series);
  lanes.bytes += lanes.limit;
  series& later = lanes.all[0];
  for (std::size_t i = 100; i < 110; ++i) {
    lanes.first.retire(lanes.all[i]);
    lanes.shared.retire(lanes.all[i]);
    CHECK(lanes.count_of(lanes.all[i]) == 0);
  }
  lanes.first.retire(later);
  for (std::size_t i = 100; i < 110; ++i) {
    lanes.record(lanes.all[i], 2);
    CHECK(lanes.count_of(lanes.all[i]) == 2);
  }
  CHECK(lanes.count_of(lanes.overflow) == 0);
}

TEST_CASE("while threads record and series change sides at every look, no count is lost or falls") {
  constexpr std::size_t threads = 8;
  const int records = soak_count(2'000'000, 60'000);
  some_lanes lanes{2'000'000};
  std::vector<std::unique_ptr<lane>> all_lanes;
  std::vector<lane*> pointers;
  for (std::size_t i = 0; i < threads; ++i) {
    pointers.push_back(all_lanes
                           .emplace_back(std::make_unique<lane>(1, lanes.no_cells, lanes.shared,
                                                                lanes.bytes, lanes.limit))
                           .get());
  }
  std::atomic<std::size_t> running{threads};
  std::vector<std::vector<std::uint64_t>> made(threads, std::vector<std::uint64_t>(200));
  std::vector<std::thread> writers;
  for (std::size_t t = 0; t < threads; ++t) {
    writers.emplace_back([&, t] {
      std::minstd_rand random{static_cast<unsigned>(t + 1)};
      for (int i = 0; i < records; ++i) {
        // Some hot series, which are others after a while.
        const std::size_t hot = random() % 8 != 0 ? random() % 40 : random() % 200;
        const std::size_t index = (hot + static_cast<std::size_t>(i / 5'000) * 40) % 200;
        if (all_lanes[t]->record(lanes.all[index], 7)) ++made[t][index];
      }
      --running;
    });
  }

  const auto image = std::make_unique<cell_image>();
  image->layout = lanes.layout.get();
  std::vector<std::uint64_t> last(200);
  int wrong = 0;
  bool is_last_look = false;
  while (!is_last_look) {
    is_last_look = running == 0;
    const evictions_held held{pointers};
    for (std::size_t i = 0; i < 200; ++i) {
      std::uint64_t count = 0;
      std::uint64_t sum = 0;
      const auto add = [&](const cell* cell) {
        if (cell == nullptr) return;
        cell->read(*image);
        sum += image->sum;
        count += std::accumulate(image->counts.begin(), image->counts.begin() + image->size,
                                 std::uint64_t{0});
      };
      for (const lane* lane : pointers)
        add(lane->find_cell(lanes.all[i].position, std::memory_order_acquire));
      add(lanes.all[i].shared.load(std::memory_order_acquire));
      wrong += count < last[i] || sum != 7 * count ? 1 : 0;
      last[i] = count;
    }
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(wrong == 0);
  for (std::size_t i = 0; i < 200; ++i) {
    std::uint64_t expected = 0;
    for (const auto& of_thread : made) expected += of_thread[i];
    CHECK(last[i] == expected);
  }
  CHECK(lanes.count_of(lanes.overflow) == 0);
}
