#pragma once

#include <querytap/servers/server_inspector.hpp>
#include <querytap/snapshot/finding.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace querytap::detail {

/// Captures the plans of slow calls, seldom enough that no server notices: once in ten minutes for each
/// statement, and twenty times a minute in all. In between, a statement's last plan is used.
///
/// Threads  one at a time.
class plan_capture {
 public:
  using inspector_list = std::vector<std::shared_ptr<server_inspector>>;
  using time_point = std::chrono::system_clock::time_point;

  explicit plan_capture(inspector_list inspectors) : inspectors_{std::move(inspectors)} {}

  /// Completes the call with the plan of its statement. If the plan was captured for this call, returns what
  /// the plan shows.
  std::vector<finding> complete(call_report& call, time_point time,
                                server_inspector::deadline deadline);

 private:
  /// System, namespace, file and fingerprint.
  using key = std::tuple<std::string, std::string, std::uint64_t, std::uint64_t>;
  struct captured_statement {
    time_point asked_at = {};
    std::shared_ptr<const query_plan> plan = nullptr;
    std::string error = {};
  };

  [[nodiscard]] server_inspector* inspector_for(const call_report& call) const;
  [[nodiscard]] bool may_ask(time_point time);
  std::vector<finding> ask(server_inspector& inspector, const call_report& call,
                           captured_statement& statement,
                           server_inspector::deadline deadline) const;
  void evict_one();

  const inspector_list inspectors_;
  std::map<key, captured_statement> statements_;
  std::deque<time_point> asked_;  // within the last minute
};

}  // namespace querytap::detail
