#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

namespace querytap::detail {

/// A list of counts, each in as few bytes as the largest count needs. Mostly that is two: a
/// histogram then takes a quarter of the memory, and operations on its counts take fewer steps.
///
///     packed_counts counts;
///     counts.assign(counts_of_cell);
///     counts.visit([](auto list) { … });   // a span of unsigned integers
///
/// Threads  a plain value.
class packed_counts {
 public:
  // Out of line, as a variant's own are long to compile.
  packed_counts() noexcept;
  packed_counts(const packed_counts& other);
  packed_counts(packed_counts&& other) noexcept;
  packed_counts& operator=(const packed_counts& other);
  packed_counts& operator=(packed_counts&& other) noexcept;
  ~packed_counts();

  /// The memory stays allocated.
  void clear() noexcept;
  /// Returns the sum. Uses the allocated memory again if the counts are as wide as those before.
  std::uint64_t assign(std::span<const std::uint64_t> counts);
  void insert_zeros(std::size_t at, std::size_t how_many);
  /// Adds each of `more` to the count at its place, from `at` on. Count: std::uint16_t, uint32_t or
  /// uint64_t.
  template <class Count>
  void add(std::size_t at, std::span<const Count> more);
  void subtract(std::size_t at, std::uint64_t less) noexcept;

  template <class Visit>
  decltype(auto) visit(Visit&& visitor) const {
    return std::visit([&](const auto& list) { return visitor(std::span{list}); }, counts_);
  }

 private:
  void widen();

  std::variant<std::vector<std::uint16_t>, std::vector<std::uint32_t>, std::vector<std::uint64_t>>
      counts_;
};

}  // namespace querytap::detail
