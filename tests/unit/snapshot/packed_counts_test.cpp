// Packed counts equal a list of 64-bit counts, for counts of any width.

#include <querytap/snapshot/detail/packed_counts.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <random>
#include <vector>

namespace {

using querytap::detail::packed_counts;
using counts = std::vector<std::uint64_t>;

constexpr std::uint64_t most_in_two_bytes = 0xffff;
constexpr std::uint64_t most_in_four_bytes = 0xffff'ffff;

counts counts_in(const packed_counts& packed) {
  return packed.visit([](auto list) { return counts(list.begin(), list.end()); });
}

std::size_t width_of(const packed_counts& packed) {
  return packed.visit([](auto list) { return sizeof list[0]; });
}

/// As often small as in need of four or eight bytes.
std::uint64_t any_count(std::mt19937_64& random) {
  const std::uint64_t bits = random() % 40;
  return random() >> (63 - bits);
}

counts any_counts(std::mt19937_64& random, std::size_t size) {
  counts list(size);
  for (std::uint64_t& count : list) count = any_count(random);
  return list;
}

}  // namespace

TEST_CASE("counts take two bytes until one of them needs four, and four until one needs eight",
          "[packed_counts]") {
  packed_counts packed;
  packed.assign(counts{0, most_in_two_bytes});
  CHECK(width_of(packed) == 2);
  packed.add(1, std::span<const std::uint64_t>{counts{1}});
  CHECK(width_of(packed) == 4);
  CHECK(counts_in(packed) == counts{0, most_in_two_bytes + 1});

  packed.assign(counts{most_in_four_bytes, 7});
  CHECK(width_of(packed) == 4);
  packed.add(0, std::span<const std::uint64_t>{counts{1}});
  CHECK(width_of(packed) == 8);
  CHECK(counts_in(packed) == counts{most_in_four_bytes + 1, 7});

  packed.assign(counts{UINT64_MAX});
  CHECK(counts_in(packed) == counts{UINT64_MAX});
  packed.assign(counts{1, 2, 3});
  CHECK(width_of(packed) == 2);
  CHECK(counts_in(packed) == counts{1, 2, 3});
}

TEST_CASE("a list that does not fit is widened before any of it is added", "[packed_counts]") {
  packed_counts packed;
  packed.assign(counts{1, 2, most_in_two_bytes});
  packed.add(0, std::span<const std::uint64_t>{counts{10, 20, 30}});
  CHECK(counts_in(packed) == counts{11, 22, most_in_two_bytes + 30});
}

TEST_CASE("every operation on packed counts has the result of a list of 64-bit counts",
          "[packed_counts]") {
  std::mt19937_64 random{GENERATE(1U, 2U, 3U, 4U, 5U)};
  counts expected;
  packed_counts packed;
  for (int step = 0; step < 2000; ++step) {
    const std::size_t at = expected.empty() ? 0 : random() % expected.size();
    switch (random() % 6) {
      case 0: {
        const std::size_t zeros = random() % 12;
        expected.insert(expected.begin() + static_cast<std::ptrdiff_t>(at), zeros, 0);
        packed.insert_zeros(at, zeros);
        break;
      }
      case 1: {
        const counts list = any_counts(random, random() % 40);
        expected = list;
        packed.assign(list);
        break;
      }
      case 2:
        expected.clear();
        packed.clear();
        break;
      case 3: {
        if (expected.empty()) break;
        const std::uint64_t less = random() % (expected[at] / 2 + 1);
        expected[at] -= less;
        packed.subtract(at, less);
        break;
      }
      default: {
        const counts list = any_counts(random, expected.empty() ? 0 : expected.size() - at);
        for (std::size_t i = 0; i < list.size(); ++i) expected[at + i] += list[i];
        packed.add(at, std::span<const std::uint64_t>{list});
      }
    }
    REQUIRE(counts_in(packed) == expected);
  }
}
