#pragma once

#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/request_report.hpp>

#include <cstdint>
#include <vector>

namespace querytap {

/// Calls that a request could have done without: one statement many times from one line (N+1), and
/// the same statement again with the same parameters. The advice names the batched form to use.
///
///     for (const finding& finding : request_findings(report, 5)) …
///
/// Threads  a pure function.
[[nodiscard]] std::vector<finding> request_findings(const request_report& report,
                                                    std::uint64_t n_plus_one_from);

}  // namespace querytap
