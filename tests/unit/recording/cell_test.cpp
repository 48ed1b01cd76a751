// A cell counts every value that was recorded, and a reader sees it as it was at one moment.

#include <recording/page_source.hpp>
#include <support/soak.hpp>

#include <querytap/recording/detail/cell.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/histogram_data.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <numeric>
#include <random>
#include <thread>
#include <utility>
#include <vector>

using namespace querytap;
using namespace querytap::detail;
using querytap::testing::soak_count;

namespace {

// As much memory as a test allows.
struct test_memory : page_source {
  explicit test_memory(std::size_t most = SIZE_MAX) : page_source{total, most} {}
  std::atomic<std::size_t> total{0};
};

const bucket_layout& layout() {
  static const auto made = bucket_layout::make(catalog::operation_duration, {});
  return *made;
}

template <class Counter>
bool record(basic_cell<Counter>& cell, std::uint64_t value, page_source& memory) {
  const bucket_layout::place place = layout().find(value);
  return cell.record(place, value) || cell.record_slow(place, value, layout(), memory);
}

template <class Counter>
std::uint64_t count_of(const cell_image& image, const basic_cell<Counter>&) {
  return std::accumulate(image.counts.begin(), image.counts.begin() + image.size, std::uint64_t{0});
}

std::unique_ptr<cell_image> make_image() {
  auto image = std::make_unique<cell_image>();
  image->layout = &layout();
  return image;
}

struct cell_contents {
  std::uint64_t sum, min, max, octaves;
  std::vector<std::uint64_t> counts;
  bool operator==(const cell_contents&) const = default;
};

template <class Counter>
cell_contents contents(const basic_cell<Counter>& cell) {
  const auto image = make_image();
  cell.read(*image);
  const auto* const counts = image->counts.data();
  return {image->sum, image->min, image->max, image->octaves, {counts, counts + image->size}};
}

std::uint64_t count_at(const cell_image& image, bucket_layout::place place) {
  std::size_t index = place.bucket();
  for (std::size_t octave = 0; octave < place.octave; ++octave) {
    const bool has_page = (image.octaves >> octave & 1) != 0;
    if (has_page) index += layout().buckets_in_octave()[octave];
  }
  return image.counts[index];
}

}  // namespace

TEST_CASE("a cell counts each value in its bucket, with sum, minimum and maximum") {
  test_memory memory;
  cell cell;
  for (const std::uint64_t value : {5U, 5U, 70U, 9'000U}) REQUIRE(record(cell, value, memory));

  const auto image = make_image();
  cell.read(*image);
  CHECK(image->sum == 9'080);
  CHECK(image->min == 5);
  CHECK(image->max == 9'000);
  CHECK(count_of(*image, cell) == 4);
  const bucket_layout::place five = layout().find(5);
  CHECK(count_at(*image, five) == 2);
}

TEST_CASE("minimum and maximum are right for values in any order") {
  using range = std::pair<std::uint64_t, std::uint64_t>;
  std::vector<std::uint64_t> values{0, 1, 5, 5, 1'000'000, UINT64_MAX - 1, UINT64_MAX};
  const auto image = make_image();
  do {
    test_memory memory;
    cell cell;
    range expected{UINT64_MAX, 0};
    for (const std::uint64_t value : values) {
      REQUIRE(record(cell, value, memory));
      expected = {std::min(expected.first, value), std::max(expected.second, value)};
      cell.read(*image);
      if (range{image->min, image->max} != expected) FAIL("after " << value);
    }
  } while (std::next_permutation(values.begin(), values.end()));
}

TEST_CASE("values of every power of two find room in one cell") {
  test_memory memory;
  cell cell;
  for (int round = 0; round < 3; ++round) {
    for (unsigned octave = 0; octave < 64; ++octave) {
      REQUIRE(record(cell, std::uint64_t{1} << octave, memory));
    }
  }
  const auto image = make_image();
  cell.read(*image);
  CHECK(count_of(*image, cell) == 192);
  CHECK(image->max == std::uint64_t{1} << 63);
}

TEST_CASE("a bucket that wraps stays exact") {
  test_memory memory;
  basic_cell<std::uint8_t> cell;
  for (int i = 0; i < 100'000; ++i) REQUIRE(record(cell, i % 2 == 0 ? 7U : 1'000'000U, memory));

  const auto image = make_image();
  cell.read(*image);
  CHECK(count_of(*image, cell) == 100'000);
  const bucket_layout::place seven = layout().find(7);
  CHECK(count_at(*image, seven) == 50'000);
  CHECK(image->sum == 50'000ULL * 1'000'007);
}

TEST_CASE("a cell that absorbs others is as if it had recorded all that they have") {
  std::mt19937_64 random{20261129};
  for (int round = 0; round < 100; ++round) {
    test_memory memory;
    std::array<basic_cell<std::uint8_t>, 3> parts;  // whose buckets wrap soon
    basic_cell<std::uint8_t> expected;
    for (auto i = random() % 3'000; i > 0; --i) {
      const std::uint64_t value = random() % 2 == 0 ? random() >> random() % 64 : 7;
      REQUIRE(record(parts[random() % 3], value, memory));
      REQUIRE(record(expected, value, memory));
    }
    for (const std::size_t i : {1U, 2U}) REQUIRE(parts[0].absorb(parts[i], layout(), memory));
    CHECK(parts[0].version() == expected.version());
    CHECK(contents(parts[0]) == contents(expected));
  }
}

TEST_CASE("without memory to absorb another a cell is what it was") {
  test_memory memory;
  cell other;
  for (const std::uint64_t value : {7U, 1'000'000U}) REQUIRE(record(other, value, memory));
  test_memory little{layout().buckets_in_octave()[layout().find(7).octave] * sizeof(std::uint32_t)};
  cell cell;
  CHECK_FALSE(cell.absorb(other, layout(), little));
  CHECK(cell.version() == 0);
  CHECK(contents(cell).sum == 0);
  REQUIRE(cell.absorb(other, layout(), memory));
  CHECK(contents(cell) == contents(other));
}

TEST_CASE("without memory for a page a value is refused, and nothing of it is counted") {
  test_memory memory{layout().buckets_in_octave()[layout().find(7).octave] * sizeof(std::uint32_t)};
  cell cell;
  REQUIRE(record(cell, 7, memory));
  CHECK_FALSE(record(cell, 1'000'000, memory));
  CHECK(record(cell, 7, memory));

  const auto image = make_image();
  cell.read(*image);
  CHECK(count_of(*image, cell) == 2);
  CHECK(image->sum == 14);
  CHECK(image->max == 7);
}

TEST_CASE("without memory for what wraps a value is refused, and nothing of it is counted") {
  test_memory memory{16};  // one page of at most 16 small counters
  basic_cell<std::uint8_t> cell;
  for (int i = 0; i < 255; ++i) REQUIRE(record(cell, 7, memory));
  CHECK_FALSE(record(cell, 7, memory));

  const auto image = make_image();
  cell.read(*image);
  CHECK(count_of(*image, cell) == 255);
  CHECK(image->sum == 255 * 7);
}

TEST_CASE("a reader never sees half a record, even of a writer that never pauses") {
  test_memory memory;
  cell cell;
  std::atomic<bool> done{false};
  // The values lie in three pages, so that a torn read would mix buckets, sum and maximum.
  std::thread writer{[&] {
    while (!done.load(std::memory_order_relaxed)) {
      for (const std::uint64_t value : {7U, 700U, 70'000U}) record(cell, value, memory);
    }
  }};

  const auto image = make_image();
  std::uint64_t last = 0;
  while (cell.version() == 0) std::this_thread::yield();
  for (int i = 0; i < 20'000; ++i) {
    cell.read(*image);
    std::uint64_t sum = 0;
    for (const std::uint64_t value : {7U, 700U, 70'000U}) {
      const bucket_layout::place place = layout().find(value);
      if ((image->octaves >> place.octave & 1) == 0) continue;
      sum += value * count_at(*image, place);
    }
    REQUIRE(sum == image->sum);
    REQUIRE(image->sum >= last);
    last = image->sum;
  }
  done = true;
  writer.join();
  CHECK(last > 0);
}

TEST_CASE("of a writer that records only sevens, a reader sees sevens in millions of looks") {
  const int looks = soak_count(100'000'000, 300'000);
  test_memory memory;
  cell cell;
  REQUIRE(record(cell, 7, memory));
  std::atomic<bool> done{false};
  std::thread writer{[&] {
    // Pauses as a service does, so that most reads find an idle cell and some are amid a record.
    while (!done.load(std::memory_order_relaxed)) {
      record(cell, 7, memory);
      for (int i = 0; i < 50; ++i) static_cast<void>(cell.version());
    }
  }};

  const bucket_layout::place seven = layout().find(7);
  const auto image = make_image();
  std::uint64_t last = 0;
  int wrong = 0;
  for (int i = 0; i < looks; ++i) {
    cell.read(*image);
    const std::uint64_t count = count_at(*image, seven);
    wrong += image->sum != 7 * count || image->min != 7 || image->max != 7 || count < last;
    last = count;
  }
  done = true;
  writer.join();
  CHECK(wrong == 0);
  CHECK(last > 1);
}
