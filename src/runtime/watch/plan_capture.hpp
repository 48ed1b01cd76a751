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

/// Asks for the plans of slow calls, seldom enough that no server notices: once in ten minutes for each
/// statement, and twenty times a minute in all. In between, a statement's last plan is known.
///
/// Threads  one at a time.
class plan_capture {
 public:
  using sources = std::vector<std::shared_ptr<server_inspector>>;
  using time_point = std::chrono::system_clock::time_point;

  explicit plan_capture(sources from) : sources_{std::move(from)} {}

  /// Completes the call by what is known of its plan; returns what that shows, if it was asked for.
  std::vector<finding> complete(call_report& call, time_point now,
                                server_inspector::deadline until);

 private:
  using key =
      std::tuple<std::string, std::string, std::uint64_t>;  // system, namespace, fingerprint
  struct known_statement {
    time_point asked = {};
    std::shared_ptr<const query_plan> plan = nullptr;
    std::string error = {};
  };

  [[nodiscard]] server_inspector* source_for(const call_report& call) const;
  [[nodiscard]] bool may_ask(time_point now);
  std::vector<finding> ask(server_inspector& source, const call_report& call, known_statement& into,
                           server_inspector::deadline until) const;
  void forget_one();

  const sources sources_;
  std::map<key, known_statement> known_;
  std::deque<time_point> asked_;  // within the last minute
};

}  // namespace querytap::detail
