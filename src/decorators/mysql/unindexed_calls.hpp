#pragma once

#include <querytap/base/code_location.hpp>

#include <array>
#include <cstdint>

namespace querytap {

class recorder;
class statement;

namespace mysql::detail {

/// The calls of a connection for which the server says that it used no index, or no good one. It says
/// so of an empty table and of `limit 1`, too: a call counts only if it took a millisecond, and a
/// statement is reported once its calls have taken as long as one slow call may, then again each
/// time that they have taken twice as long.
///
/// Threads  those of the connection.
/// Cost     add(): a few nanoseconds, for a call that took a millisecond; reporting takes a lock.
class unindexed_calls {
 public:
  explicit unindexed_calls(recorder& telemetry) noexcept : telemetry_{telemetry} {}

  void add(const querytap::statement& identity, std::uint64_t nanoseconds, std::uint64_t rows,
           bool has_poor_index, code_location site) noexcept;

 private:
  struct entry {
    std::uint64_t fingerprint = 0;
    std::uint64_t calls = 0;
    std::uint64_t nanoseconds = 0;
    std::uint64_t rows = 0;
    std::uint64_t report_from = 0;  // nanoseconds
  };

  void report(const querytap::statement& identity, const entry& counted, bool has_poor_index,
              code_location site) const;

  recorder& telemetry_;
  std::array<entry, 16> entries_{};  // by fingerprint; of two in one place the later one stays
};

}  // namespace mysql::detail
}  // namespace querytap
