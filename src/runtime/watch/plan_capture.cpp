#include "plan_capture.hpp"

#include "../../analysis/plans/plan_change.hpp"

#include <querytap/analysis/plans/plan_findings.hpp>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::chrono::minutes between_plans_of_a_statement{10};
constexpr std::size_t most_in_a_minute = 20;
constexpr std::size_t most_statements = 1000;

// What failed by itself, as a wrong column does, did not fail by its plan.
bool is_worth_a_plan(const call_report& call) {
  const statement_kind kind = call.statement->kind;
  return call.reason != report_reason::error &&
         (kind == statement_kind::read || kind == statement_kind::write);
}

}  // namespace

std::vector<finding> plan_capture::complete(call_report& call, time_point now,
                                            server_inspector::deadline until) {
  if (!is_worth_a_plan(call)) return {};
  server_inspector* const source = source_for(call);
  // The server's counters are told with the call itself.
  if (source == nullptr) return plan_findings({}, call, {});
  known_statement& known = known_[{call.system, call.database, call.statement->fingerprint}];
  std::vector<finding> found;
  const bool is_due =
      known.asked == time_point{} || now - known.asked >= between_plans_of_a_statement;
  if (is_due && may_ask(now)) {
    known.asked = now;
    found = ask(*source, call, known, until);
  }
  call.plan = known.plan;
  call.plan_error = known.error;
  if (known_.size() > most_statements) forget_one();
  return found;
}

server_inspector* plan_capture::source_for(const call_report& call) const {
  const auto found =
      std::ranges::find_if(sources_, [&](const auto& source) { return source->serves(call); });
  return found == sources_.end() ? nullptr : found->get();
}

bool plan_capture::may_ask(time_point now) {
  while (!asked_.empty() && now - asked_.front() >= std::chrono::minutes{1}) asked_.pop_front();
  if (asked_.size() >= most_in_a_minute) return false;
  asked_.push_back(now);
  return true;
}

std::vector<finding> plan_capture::ask(server_inspector& source, const call_report& call,
                                       known_statement& into,
                                       server_inspector::deadline until) const {
  try {
    explained_statement reported = source.explain(call, until);
    std::vector<finding> found = plan_findings(reported.plan, call, reported.facts);
    if (into.plan != nullptr) {
      if (auto changed = plan_change(*into.plan, reported.plan, call)) {
        found.push_back(std::move(*changed));
      }
    }
    into.plan = std::make_shared<const query_plan>(std::move(reported.plan));
    into.error.clear();
    return found;
  } catch (const plan_error& why) {
    into.error = why.what();
  } catch (const std::exception&) {
    into.error = "the source of plans failed";  // its words may say more than they should
  }
  return {};
}

void plan_capture::forget_one() {
  known_.erase(
      std::ranges::min_element(known_, {}, [](const auto& entry) { return entry.second.asked; }));
}

}  // namespace querytap::detail
