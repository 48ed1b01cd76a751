#include <querytap/testing/checks.hpp>

#include <querytap/base/error.hpp>
#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace querytap {
namespace {

std::string text_of(std::chrono::nanoseconds duration) { return human_duration(duration); }

std::string text_of(std::uint64_t count) {
  return fmt::format("{} call{}", count, count == 1 ? "" : "s");
}

// "\n  11 calls at src/store.cpp:42, 55.0 ms: select body from documents where id = $1"
std::string line_of(const statement_share& of) {
  const std::string where = to_string(of.site);
  return fmt::format("\n  {}{}, {}: {}", text_of(of.calls), where.empty() ? "" : " at " + where,
                     text_of(of.time), of.statement == nullptr ? of.system : of.statement->text);
}

template <class Before>
std::string lines_of(std::vector<statement_share> of, Before before) {
  std::ranges::stable_sort(of, before);
  std::string lines;
  for (const statement_share& one : of) lines += line_of(one);
  return lines;
}

std::string lines_by_calls(const std::vector<statement_share>& of) {
  return lines_of(of, [](const auto& a, const auto& b) { return a.calls > b.calls; });
}

std::string lines_by_time(const std::vector<statement_share>& of) {
  return lines_of(of, [](const auto& a, const auto& b) { return a.time > b.time; });
}

std::string others_of(const request_report& report) {
  if (report.other_statements == 0) return {};
  return fmt::format("\n  {} of further statements", text_of(report.other_statements));
}

std::uint64_t calls_of(const request_report& report) {
  std::uint64_t calls = 0;
  for (const backend_share& one : report.backends) calls += one.calls;
  return calls;
}

std::string shares_of(const request_report& report) {
  std::string shares = "application " + text_of(report.application);
  for (const backend_share& one : report.backends) {
    shares += fmt::format(", {} {}", one.system, text_of(one.phases.total()));
  }
  return shares;
}

}  // namespace

check_result has_no_n_plus_one(const request_report& report, std::uint64_t from) {
  if (from < 2) {
    throw configuration_error{"from", std::to_string(from),
                              "expected at least 2: one call repeats nothing"};
  }
  std::vector<statement_share> repeated;
  std::ranges::copy_if(report.statements, std::back_inserter(repeated),
                       [&](const statement_share& one) { return one.calls >= from; });
  if (!repeated.empty()) {
    return {false, report.name + " has an N+1:" + lines_by_calls(repeated)};
  }
  return {true, fmt::format("{} has no N+1: no line calls one statement {} times or more",
                            report.name, from)};
}

check_result makes_at_most(const request_report& report, std::uint64_t calls) {
  const std::uint64_t made = calls_of(report);
  if (made <= calls) {
    return {true, fmt::format("{} makes {}, at most {}", report.name, text_of(made), calls)};
  }
  return {false, fmt::format("{} makes {}, more than {}:{}{}", report.name, text_of(made), calls,
                             lines_by_calls(report.statements), others_of(report))};
}

check_result finishes_within(const request_report& report, std::chrono::nanoseconds budget) {
  if (report.duration <= budget) {
    return {true, fmt::format("{} takes {}, within {}", report.name, text_of(report.duration),
                              text_of(budget))};
  }
  return {false,
          fmt::format("{} takes {}, longer than {}: {}{}", report.name, text_of(report.duration),
                      text_of(budget), shares_of(report), lines_by_time(report.statements))};
}

}  // namespace querytap
