#include <querytap/testing/checks.hpp>

#include <querytap/analysis/requests/request_findings.hpp>
#include <querytap/base/error.hpp>
#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace querytap {
namespace {

std::string checked_calls(std::uint64_t count) {
  return fmt::format("{} call{}", count, count == 1 ? "" : "s");
}

// "\n  11 calls at src/store.cpp:42, 55.0 ms: select body from documents where id = $1"
std::string checked_line(const statement_share& share) {
  const std::string site = to_string(share.site);
  return fmt::format("\n  {}{}, {}: {}", checked_calls(share.calls),
                     site.empty() ? "" : " at " + site, human_duration(share.time),
                     share.statement == nullptr ? share.system : share.statement->text);
}

template <class Before>
std::string checked_lines(std::vector<statement_share> shares, Before before) {
  std::ranges::stable_sort(shares, before);
  std::string lines;
  for (const statement_share& share : shares) lines += checked_line(share);
  return lines;
}

std::string lines_by_calls(const std::vector<statement_share>& shares) {
  return checked_lines(shares, [](const auto& a, const auto& b) { return a.calls > b.calls; });
}

std::string lines_by_time(const std::vector<statement_share>& shares) {
  return checked_lines(shares, [](const auto& a, const auto& b) { return a.time > b.time; });
}

std::string line_of_other_statements(const request_report& report) {
  if (report.other_statements == 0) return {};
  return fmt::format("\n  {} of further statements", checked_calls(report.other_statements));
}

bool is_found_in(const std::vector<finding>& findings, const statement_share& share) {
  return std::ranges::any_of(findings, [&](const finding& found) {
    return found.statement == share.statement && found.site == share.site;
  });
}

std::uint64_t calls_of_all_backends(const request_report& report) {
  std::uint64_t calls = 0;
  for (const backend_share& share : report.backends) calls += share.calls;
  return calls;
}

std::string times_by_backend(const request_report& report) {
  std::string times = "application " + human_duration(report.application);
  for (const backend_share& share : report.backends) {
    times += fmt::format(", {} {}", share.system, human_duration(share.phases.total()));
  }
  return times;
}

}  // namespace

check_result has_no_n_plus_one(const request_report& report, std::uint64_t from) {
  if (from < 2) {
    throw configuration_error{"from", std::to_string(from),
                              "expected at least 2: one call repeats nothing"};
  }
  const std::vector<finding> findings = request_findings(report, from);
  std::vector<statement_share> repeated;
  std::ranges::copy_if(
      report.statements, std::back_inserter(repeated), [&](const statement_share& share) {
        return share.calls >= from && (share.statement == nullptr || is_found_in(findings, share));
      });
  if (!repeated.empty()) {
    return {false, report.name + " has an N+1:" + lines_by_calls(repeated)};
  }
  return {true, fmt::format("{} has no N+1: no line calls one statement {} times or more",
                            report.name, from)};
}

check_result makes_at_most(const request_report& report, std::uint64_t calls) {
  const std::uint64_t made = calls_of_all_backends(report);
  if (made <= calls) {
    return {true, fmt::format("{} makes {}, at most {}", report.name, checked_calls(made), calls)};
  }
  return {false,
          fmt::format("{} makes {}, more than {}:{}{}", report.name, checked_calls(made), calls,
                      lines_by_calls(report.statements), line_of_other_statements(report))};
}

check_result finishes_within(const request_report& report, std::chrono::nanoseconds budget) {
  if (report.duration <= budget) {
    return {true, fmt::format("{} takes {}, within {}", report.name,
                              human_duration(report.duration), human_duration(budget))};
  }
  return {false, fmt::format("{} takes {}, longer than {}: {}{}", report.name,
                             human_duration(report.duration), human_duration(budget),
                             times_by_backend(report), lines_by_time(report.statements))};
}

}  // namespace querytap
