#pragma once

#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/request_report.hpp>

namespace querytap {

/// Told by a query_watch of each slow, failed or hung call, of each request that is kept, and of each
/// finding when it is news.
///
///     struct pager final : report_listener {
///       void tell(const finding& one) override { page_somebody(one.message); }
///       using report_listener::tell;
///     };
///
/// Threads  called from the watch's thread alone, one call at a time.
/// Errors   what it throws is swallowed: the others are told all the same.
class report_listener {
 public:
  virtual ~report_listener() = default;
  virtual void report(const call_report& /*one*/) {}
  virtual void report(const request_report& /*one*/) {}
  virtual void report(const finding& /*one*/) {}
};

}  // namespace querytap
