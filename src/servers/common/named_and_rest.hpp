#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// The name of the series for everything that has none of its own.
inline constexpr std::string_view rest_name = "_OTHER";

/// What a server has counted for one thing, such as a table, and what is so at present. All things of one
/// split have the same numbers in the same order.
struct named_numbers {
  std::string name = {};
  std::vector<std::int64_t> counters = {};  ///< they only rise, unless the server resets them
  std::vector<std::int64_t> gauges = {};
};

/// Names the largest of many things, and gives all others together as one named `_OTHER`, which is last.
///
///     named_and_rest commands{20};
///     for (const named_numbers& command : commands.split(all_commands)) …
///
/// A counter of `_OTHER` never falls when a thing gets or loses its name: it rises by what everything
/// without a name has risen by since the last call. Once there is an `_OTHER`, it stays.
///
/// Threads  one.
class named_and_rest {
 public:
  explicit named_and_rest(std::size_t limit) : limit_{limit} {}

  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

  /// Of everything that there is. The largest are those with the highest sum of counters, or of gauges where
  /// there are no counters. Things of one name are one.
  [[nodiscard]] std::vector<named_numbers> split(const std::vector<named_numbers>& all);

  /// Of what the caller has chosen to name, and the sum of everything. Where that falls by more than the named
  /// ones do, as when a table is dropped, what the others have risen by is not known, and left out.
  [[nodiscard]] std::vector<named_numbers> split(std::vector<named_numbers> named,
                                                 const named_numbers& total);

 private:
  using counters_by_name = std::map<std::string, std::vector<std::int64_t>, std::less<>>;

  [[nodiscard]] std::vector<named_numbers> with_rest(std::vector<named_numbers> named,
                                                     std::vector<std::int64_t> gauges_of_rest,
                                                     bool has_others);

  const std::size_t limit_;
  bool has_rest_ = false;
  bool is_first_ = true;
  std::vector<std::int64_t> rest_ = {};  // counters of `_OTHER`
  // As of the last call:
  std::vector<std::int64_t> total_ = {};
  counters_by_name named_ = {};
  counters_by_name others_ = {};
};

}  // namespace querytap::detail
