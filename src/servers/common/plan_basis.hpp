#pragma once

#include <querytap/snapshot/call_report.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace querytap::detail {

/// What a plan was made from, where that differs from what ran.
struct plan_basis {
  int parameters = 0;
  std::uint64_t assumed_limit = 0;
  bool assumes_no_offset = false;
  bool assumes_conditions = false;  ///< that those of values alone hold
  bool has_pruned_partitions = false;
  bool is_running_text = false;  ///< the text of a call that ran, with its literals
  bool may_be_stale = false;     ///< the connection that ran it may use older statistics
  std::string plan_log = {};     ///< where the plans are that ran

  [[nodiscard]] bool is_generic() const noexcept {
    return parameters > 0 || assumed_limit > 0 || assumes_conditions;
  }
  /// One sentence a line, for people.
  [[nodiscard]] std::string text() const;
};

/// How many rows a statement returned that was executed to its end.
[[nodiscard]] std::optional<std::uint64_t> returned_rows_of(const call_report& call);

}  // namespace querytap::detail
