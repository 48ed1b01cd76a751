#pragma once

#include <querytap/analysis/requests/request_findings.hpp>
#include <querytap/base/database_system.hpp>
#include <querytap/query/identify.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::testing {

/// The report of a request that makes these calls, one after the other, each from the line of its
/// statement. Calls of the same text have the same parameters.
class made_request {
 public:
  explicit made_request(std::string_view system) : system_{system} {}

  made_request& call(std::string_view text, std::chrono::nanoseconds duration,
                     std::string_view system = {}) {
    const std::string name{system.empty() ? system_ : system};
    const auto statement = std::make_shared<const statement_identity>(
        identify(text, find_database_system(name).dialect));
    const std::size_t index = share_of(name, statement);
    statement_share& share = report_.statements[index];
    ++share.calls;
    share.time += duration;
    if (!seen_.insert(name + '\n' + std::string{text}).second) ++share.duplicates;
    if (report_.calls.size() < 64) {
      report_.calls.push_back(
          {.statement = index, .begin = report_.duration, .duration = duration});
    } else {
      ++report_.calls_left_out;
    }
    report_.duration += duration;
    return *this;
  }
  /// Time that no backend took.
  made_request& work(std::chrono::nanoseconds duration) {
    report_.duration += duration;
    return *this;
  }

  [[nodiscard]] request_report& report() { return report_; }

  /// `n_plus_one of select t: advice`, a line for each finding.
  [[nodiscard]] std::string findings(std::uint64_t n_plus_one_from = 5) const {
    std::string lines;
    for (const finding& found : request_findings(report_, n_plus_one_from)) {
      if (!lines.empty()) lines += '\n';
      lines += std::string{to_string(found.kind)} + ": " + found.advice;
    }
    return lines;
  }

 private:
  std::size_t share_of(const std::string& system,
                       const std::shared_ptr<const statement_identity>& statement) {
    auto& shares = report_.statements;
    const auto known = std::ranges::find_if(shares, [&](const statement_share& share) {
      return share.system == system && share.statement->fingerprint == statement->fingerprint;
    });
    if (known != shares.end()) return static_cast<std::size_t>(known - shares.begin());
    shares.push_back({.system = system, .statement = statement});
    return shares.size() - 1;
  }

  std::string system_;
  request_report report_{.name = "GET /orders"};
  std::set<std::string> seen_;
};

/// With `#` replaced by the number.
[[nodiscard]] inline std::string numbered(std::string_view text, int number) {
  std::string made{text};
  for (std::size_t at = 0; (at = made.find('#', at)) != std::string::npos;) {
    made.replace(at, 1, std::to_string(number));
  }
  return made;
}

/// The findings about a request that makes these calls in turn, `rounds` times; `#` in them is the
/// number of the round. A call takes a millisecond.
[[nodiscard]] inline std::string findings_of_rounds(std::string_view system,
                                                    const std::vector<std::string_view>& calls,
                                                    int rounds) {
  made_request request{system};
  for (int round = 0; round < rounds; ++round) {
    for (const std::string_view call : calls) {
      request.call(numbered(call, round), std::chrono::milliseconds{1});
    }
  }
  return request.findings();
}

}  // namespace querytap::testing
