#pragma once

#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/request_report.hpp>

namespace querytap {

/// Receives the reports of a query_watch: each slow, failed or hung call, each request that is worth a
/// report, and each new finding.
///
///     struct pager final : report_listener {
///       void report(const finding& finding) override { send_page(finding.message); }
///       using report_listener::report;
///     };
///
/// Threads  called from the watch's thread, or from the caller of look(), one call at a time.
/// Errors   an exception is ignored: the other listeners get their reports.
class report_listener {
 public:
  virtual ~report_listener() = default;
  virtual void report(const call_report& /*call*/) {}
  virtual void report(const request_report& /*request*/) {}
  virtual void report(const finding& /*finding*/) {}
};

}  // namespace querytap
