#include "plan_capture.hpp"

#include "../../analysis/plans/plan_change.hpp"

#include <querytap/analysis/plans/plan_findings.hpp>

#include <cxxabi.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::chrono::minutes between_plans_of_a_statement{10};
constexpr std::size_t most_plans_in_a_minute = 20;
constexpr std::size_t most_captured_statements = 1000;

// An error such as a wrong column does not come from the plan.
bool can_be_explained_by_a_plan(const call_report& call) {
  const statement_kind kind = call.statement->kind;
  return call.reason != report_reason::error &&
         (kind == statement_kind::read || kind == statement_kind::write);
}

}  // namespace

std::vector<finding> plan_capture::complete(call_report& call, time_point time,
                                            server_inspector::deadline deadline) {
  if (!can_be_explained_by_a_plan(call)) return {};
  server_inspector* const inspector = inspector_for(call);
  // Without an inspector, the counters of the call are all there is.
  if (inspector == nullptr) return plan_findings({}, call, {});
  captured_statement& statement =
      statements_[{call.system, call.database, call.database_file, call.statement->fingerprint}];
  std::vector<finding> found;
  const bool is_due = statement.asked_at == time_point{} ||
                      time - statement.asked_at >= between_plans_of_a_statement;
  if (is_due && may_ask(time)) {
    statement.asked_at = time;
    found = ask(*inspector, call, statement, deadline);
  }
  call.plan = statement.plan;
  call.plan_error = statement.error;
  if (statements_.size() > most_captured_statements) evict_one();
  return found;
}

server_inspector* plan_capture::inspector_for(const call_report& call) const {
  const auto found = std::ranges::find_if(
      inspectors_, [&](const auto& inspector) { return inspector->serves(call); });
  return found == inspectors_.end() ? nullptr : found->get();
}

bool plan_capture::may_ask(time_point time) {
  while (!asked_.empty() && time - asked_.front() >= std::chrono::minutes{1}) asked_.pop_front();
  if (asked_.size() >= most_plans_in_a_minute) return false;
  asked_.push_back(time);
  return true;
}

std::vector<finding> plan_capture::ask(server_inspector& inspector, const call_report& call,
                                       captured_statement& statement,
                                       server_inspector::deadline deadline) const {
  try {
    explained_statement reported = inspector.explain(call, deadline);
    std::vector<finding> found = plan_findings(reported.plan, call, reported.facts);
    if (statement.plan != nullptr) {
      if (auto changed = plan_change(*statement.plan, reported.plan, call)) {
        found.push_back(std::move(*changed));
      }
    }
    statement.plan = std::make_shared<const query_plan>(std::move(reported.plan));
    statement.error.clear();
    return found;
  } catch (const plan_error& error) {
    statement.error = error.what();
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    statement.error = "the source of plans failed";  // its message may have secrets
  }
  return {};
}

void plan_capture::evict_one() {
  statements_.erase(std::ranges::min_element(
      statements_, {}, [](const auto& entry) { return entry.second.asked_at; }));
}

}  // namespace querytap::detail
