#pragma once

#include <querytap/base/clock.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/request_report.hpp>

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace querytap::detail {

/// Which requests are reported that were neither slow nor failed, but have findings: of one name,
/// statement and line the first one, and then one a minute, which says how many were left out.
///
/// The last 256 names, statements and lines are remembered; where more than these come within a minute,
/// the others share the one report a minute.
///
/// Threads  one at a time.
class repeated_requests {
 public:
  explicit repeated_requests(const clock& time) noexcept : time_{time} {}

  /// True if the request is to be reported: its `left_out` is then set.
  [[nodiscard]] bool is_due(request_report& report, const std::vector<finding>& findings);
  void clear() noexcept { remembered_.clear(); }

 private:
  static constexpr std::size_t most_remembered = 256;

  // Name of the request, system, fingerprint, line.
  using key = std::tuple<std::string, std::string, std::uint64_t, std::string>;
  struct state {
    std::uint64_t reported = 0;  // ticks; 0: never
    bool was_reported = false;
    std::uint64_t left_out = 0;  // since then
  };

  [[nodiscard]] static key key_of(const finding& finding);
  [[nodiscard]] key key_with_room(key wanted);
  [[nodiscard]] bool is_due(const state& known, std::uint64_t ticks) const noexcept;

  const clock& time_;
  absl::flat_hash_map<key, state> remembered_;
};

}  // namespace querytap::detail
