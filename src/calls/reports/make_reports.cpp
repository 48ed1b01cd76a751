#include "make_reports.hpp"

#include "../backend_state.hpp"
#include "../request_series.hpp"

#include <querytap/calls/detail/ledger.hpp>
#include <querytap/calls/statement.hpp>

#include <algorithm>

namespace querytap::detail {
namespace {

std::chrono::nanoseconds as_time(std::uint64_t nanoseconds) noexcept {
  return std::chrono::nanoseconds{static_cast<std::int64_t>(nanoseconds)};
}

report_reason class_of(const outcome* failure) noexcept {
  if (failure == nullptr) return report_reason::error;
  switch (failure->kind()) {
    case failure_kind::timeout: return report_reason::timeout;
    case failure_kind::cancelled: return report_reason::cancelled;
    case failure_kind::error: break;
  }
  return report_reason::error;
}

phase_times phases_of(const call_data& call) {
  phase_times times;
  if (!call.has_phases) {
    times[call.current_phase] = as_time(call.nanoseconds);
    return times;
  }
  for (std::size_t i = 0; i < phases; ++i) times.spent[i] = as_time(call.phase_nanoseconds[i]);
  return times;
}

phase_times phases_of(const std::array<std::uint64_t, phases>& nanoseconds) {
  phase_times times;
  for (std::size_t i = 0; i < phases; ++i) times.spent[i] = as_time(nanoseconds[i]);
  return times;
}

void tell_failure(const outcome* failure, call_report& to) {
  to.reason = class_of(failure);
  to.error_type = failure == nullptr ? "_OTHER" : failure->error_type();
  if (failure != nullptr) to.status_code = failure->status_code();
}

statement_share share_of(const ledger::share& from) {
  return {.system = std::string{from.statement->system()},
          .statement = from.statement->shared_identity(),
          .site = site_of(from.site),
          .calls = from.calls,
          .errors = from.errors,
          .rows = from.rows,
          .duplicates = from.duplicates,
          .time = as_time(from.nanoseconds),
          .slowest = as_time(from.slowest)};
}

// A share that was driven out of the ledger is told again for the calls of it that are told one by one.
std::size_t index_of(const ledger::call& one, request_report& in) {
  const auto& identity = one.statement->shared_identity();
  const call_site where = site_of(one.site);
  const auto known = std::ranges::find_if(in.statements, [&](const statement_share& share) {
    return share.statement == identity && share.site == where;
  });
  if (known != in.statements.end()) return static_cast<std::size_t>(known - in.statements.begin());
  in.statements.push_back(
      {.system = std::string{one.statement->system()}, .statement = identity, .site = where});
  return in.statements.size() - 1;
}

}  // namespace

std::chrono::system_clock::time_point wall_times::at(std::uint64_t ticks) const {
  const std::uint64_t ago = time_.nanoseconds_between(ticks, ticks_);
  return wall_ - std::chrono::duration_cast<std::chrono::system_clock::duration>(as_time(ago));
}

call_report value_of(const pending_report& from, const wall_times& times) {
  const call_data& call = from.call;
  const backend_options& options = from.statement->backend().options();
  call_report to{.system = options.system,
                 .database = options.database,
                 .server_address = options.server_address,
                 .server_port = options.server_port,
                 .statement = from.statement->shared_identity(),
                 .start = times.at(call.begin),
                 .duration = as_time(call.nanoseconds)};
  const std::uint64_t threshold = from.statement->slow_threshold();
  if (call.nanoseconds > threshold) to.threshold = as_time(threshold);
  to.phases = phases_of(call);
  to.pool_wait = as_time(from.pool_wait);
  if (call.has_rows) to.rows = call.rows;
  to.retries = call.retries;
  if (call.failed) tell_failure(from.failure, to);
  to.site = site_of(call.site);
  if (from.request != nullptr) to.request = from.request->name();
  if (from.has_trace) to.trace = from.trace;
  to.thread = from.thread;
  to.parameters.assign(from.extras.parameters.data(), from.extras.parameters_size);
  to.full_scan_steps = from.extras.full_scan_steps;
  to.sorts = from.extras.sorts;
  to.automatic_index_rows = from.extras.automatic_index_rows;
  return to;
}

request_report value_of(ledger& from, const clock& time, const wall_times& times) {
  request_report to{.name = from.series()->name(),
                    .start = times.at(from.began()),
                    .duration = as_time(from.nanoseconds()),
                    .error_type = std::string{from.how().error_type()},
                    .self = from.self()};
  if (from.caller() != nullptr) to.caller = *from.caller();
  to.application = to.duration;
  from.for_each_backend([&](const ledger::backend& of) {
    const backend_share& share =
        to.backends.emplace_back(backend_share{std::string{of.system}, of.calls, of.errors, of.rows,
                                               of.retries, phases_of(of.nanoseconds)});
    to.application -= share.phases.total();
  });
  from.for_each_share([&](const ledger::share& of) { to.statements.push_back(share_of(of)); });
  from.for_each_call([&](const ledger::call& one) {
    const std::size_t statement = index_of(one, to);
    to.calls.push_back({statement, as_time(time.nanoseconds_between(from.began(), one.begin)),
                        as_time(one.nanoseconds), one.failed});
  });
  to.calls_left_out = from.calls_left_out();
  to.other_statements = from.other_statements();
  return to;
}

}  // namespace querytap::detail
