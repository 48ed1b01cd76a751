#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// An entry of the SLOWLOG, without arguments.
struct redis_slow_entry {
  std::int64_t id = 0;
  std::int64_t microseconds = 0;
  std::string command = {};
};

/// Counts each entry of the SLOWLOG once. Ids rise by one until the server starts again.
///
/// Threads  one.
class redis_slow_commands {
 public:
  struct sum {
    std::uint64_t entries = 0;
    std::int64_t microseconds = 0;
  };

  /// Of so many commands; the others are `_OTHER`.
  explicit redis_slow_commands(std::size_t limit) : limit_{limit} {}

  /// `run` is the id of the server's process; a new one begins with id 0 again. Entries in any order.
  void add(std::string_view run, const std::vector<redis_slow_entry>& entries);

  [[nodiscard]] const std::map<std::string, sum>& by_command() const noexcept { return sums_; }
  /// Entries between those that were read and the oldest of the next ones: overwritten, or cleared.
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }

 private:
  sum& sum_of(const std::string& command);

  const std::size_t limit_;
  std::map<std::string, sum> sums_;
  std::string run_;
  std::optional<std::int64_t> last_;
  std::uint64_t missed_ = 0;
};

}  // namespace querytap::detail
