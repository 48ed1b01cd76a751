#pragma once

#include <querytap/servers/plan_source.hpp>
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
  using sources = std::vector<std::shared_ptr<plan_source>>;
  using time_point = std::chrono::system_clock::time_point;

  explicit plan_capture(sources from) : sources_{std::move(from)} {}

  /// Completes the call by what is known of its plan; returns what that shows, if it was asked for.
  std::vector<finding> complete(slow_query& call, time_point now, plan_source::deadline until);

 private:
  using key =
      std::tuple<std::string, std::string, std::uint64_t>;  // system, namespace, fingerprint
  struct known_statement {
    time_point asked = {};
    std::shared_ptr<const query_plan> plan = nullptr;
    std::string error = {};
  };

  [[nodiscard]] plan_source* source_for(const slow_query& call) const;
  [[nodiscard]] bool may_ask(time_point now);
  std::vector<finding> ask(plan_source& source, const slow_query& call, known_statement& into,
                           plan_source::deadline until) const;
  void forget_one();

  const sources sources_;
  std::map<key, known_statement> known_;
  std::deque<time_point> asked_;  // within the last minute
};

}  // namespace querytap::detail
