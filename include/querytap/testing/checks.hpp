#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/snapshot/request_report.hpp>

#include <cstdint>
#include <string>

namespace querytap {

/// Whether a report passes a check, and a sentence that says why.
struct check_result {
  bool ok = true;
  std::string message = {};  ///< also where the report passes

  explicit operator bool() const noexcept { return ok; }
};

/// What a request may cost, as checks for any test framework.
///
///     const check_result batched = has_no_n_plus_one(report);
///     EXPECT_TRUE(batched) << batched.message;           // GoogleTest
///     // POST /chat has an N+1:
///     //   11 calls at src/store.cpp:42, 55.0 ms: select body from documents where id = $1
///
/// For Catch2 see testing/matchers.hpp.
///
/// Threads  pure functions.
/// Errors   configuration_error for a `from` below 2: one call repeats nothing.

/// Passes if no line calls one statement `from` times or more where fewer calls would do: cursors, locks,
/// settings and the like may be repeated, see request_findings().
[[nodiscard]] check_result has_no_n_plus_one(const request_report& report, std::uint64_t from = 5);

/// Passes if the request makes at most `calls` calls, those to all backends together.
[[nodiscard]] check_result makes_at_most(const request_report& report, std::uint64_t calls);

[[nodiscard]] check_result finishes_within(const request_report& report,
                                           std::chrono::nanoseconds budget);

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/testing.hpp>
#endif
