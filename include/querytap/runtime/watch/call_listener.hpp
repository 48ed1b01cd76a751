#pragma once

#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/request_report.hpp>
#include <querytap/snapshot/slow_query.hpp>

namespace querytap {

/// Told by a query_watch of each slow, failed or hung call, of each request that is kept, and of each
/// finding when it is news.
///
///     struct pager final : call_listener {
///       void tell(const finding& one) override { page_somebody(one.message); }
///       using call_listener::tell;
///     };
///
/// Threads  called from the watch's thread alone, one call at a time.
/// Errors   what it throws is swallowed: the others are told all the same.
class call_listener {
 public:
  virtual ~call_listener() = default;
  virtual void tell(const slow_query& /*one*/) {}
  virtual void tell(const request_report& /*one*/) {}
  virtual void tell(const finding& /*one*/) {}
};

}  // namespace querytap
