#pragma once

#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/request_report.hpp>

#include <cstdint>
#include <vector>

namespace querytap {

/// What a request did that it need not have done: one statement over and over from one line (N+1), and
/// the same statement with the same parameters again. The advice names the batched form to use.
///
///     for (const finding& one : request_findings(report, 5)) …
///
/// Threads  a pure function.
[[nodiscard]] std::vector<finding> request_findings(const request_report& of,
                                                    std::uint64_t n_plus_one_from);

}  // namespace querytap
