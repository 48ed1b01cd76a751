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
/// No finding are calls that count by themselves: those that go on in a cursor or from page to page, lock
/// rows, draw a number, ask for the time, or set something; a read again after the request has written to
/// the same table, or may have; the same read again after a write of any kind, for views, triggers and
/// foreign keys carry a change from table to table, or after a setting or a lock; and writes within one
/// transaction of an embedded store that together take less than 10 ms or a tenth of the request. What a
/// function of the application does is not known: the advice says so.
///
/// Threads  a pure function.
[[nodiscard]] std::vector<finding> request_findings(const request_report& report,
                                                    std::uint64_t n_plus_one_from);

}  // namespace querytap
