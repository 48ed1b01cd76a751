#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

namespace querytap::detail {

/// A list of counts, each in as few bytes as the largest of them needs. Mostly that is two: a
/// histogram then lies in a quarter of the memory, and what is done to its counts takes fewer steps.
///
///     packed_counts counts;
///     counts.assign(of_a_cell);
///     counts.visit([](auto list) { … });   // a span of unsigned integers
///
/// Threads  a plain value.
class packed_counts {
 public:
  /// Keeps its memory.
  void clear() noexcept;
  /// In the memory that it has, if the counts are as wide as those before. Returns their sum.
  std::uint64_t assign(std::span<const std::uint64_t> counts);
  void insert_zeros(std::size_t at, std::size_t how_many);
  /// Adds to the counts from `at` on, one to one. Count: std::uint16_t, uint32_t or uint64_t.
  template <class Count>
  void add(std::size_t at, std::span<const Count> more);
  void subtract(std::size_t at, std::uint64_t less) noexcept;

  template <class Visit>
  decltype(auto) visit(Visit&& with) const {
    return std::visit([&](const auto& list) { return with(std::span{list}); }, counts_);
  }

 private:
  void widen();

  std::variant<std::vector<std::uint16_t>, std::vector<std::uint32_t>, std::vector<std::uint64_t>>
      counts_;
};

}  // namespace querytap::detail
