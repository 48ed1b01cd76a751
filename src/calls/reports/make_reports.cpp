#include "make_reports.hpp"

#include "../backend_state.hpp"
#include "../past_limit.hpp"
#include "../request_series.hpp"

#include <querytap/calls/detail/ledger.hpp>
#include <querytap/calls/statement.hpp>

#include <algorithm>

namespace querytap::detail {
namespace {

report_reason reason_of_failure(const outcome* failure) noexcept {
  if (failure == nullptr) return report_reason::error;
  switch (failure->kind()) {
    case failure_kind::timeout: return report_reason::timeout;
    case failure_kind::cancelled: return report_reason::cancelled;
    case failure_kind::error: break;
  }
  return report_reason::error;
}

phase_times as_phase_times(const std::array<std::uint64_t, phases>& nanoseconds) {
  phase_times times;
  for (std::size_t i = 0; i < phases; ++i) times.spent[i] = as_chrono(nanoseconds[i]);
  return times;
}

phase_times phase_times_of_call(const call_data& call) {
  if (call.has_phases) return as_phase_times(call.phase_nanoseconds);
  phase_times times;
  times[call.current_phase] = as_chrono(call.nanoseconds);
  return times;
}

void set_failure(call_report& report, const outcome* failure) {
  report.reason = reason_of_failure(failure);
  report.error_type = failure == nullptr ? "_OTHER" : failure->error_type();
  if (failure != nullptr) report.status_code = failure->status_code();
}

// Without counts.
statement_share as_statement_share(const statement& statement, const call_site& site) {
  const backend_options& options = statement.backend().options();
  return {.system = std::string{statement.system()},
          .database = options.database,
          .server_address = options.server_address,
          .server_port = options.server_port,
          .statement = statement.shared_identity(),
          .site = site};
}

statement_share as_statement_share(const ledger::share_entry& share, std::string_view source_root) {
  statement_share counted = as_statement_share(*share.statement, site_of(share.site, source_root));
  counted.calls = share.calls;
  counted.errors = share.errors;
  counted.rows = share.rows;
  counted.duplicates = share.duplicates;
  counted.time = as_chrono(share.nanoseconds);
  counted.slowest = as_chrono(share.slowest);
  return counted;
}

request_call as_request_call(const ledger::call_entry& call, std::size_t statement,
                             std::uint64_t begin) {
  request_call reported{.statement = statement,
                        .begin = as_chrono(begin),
                        .duration = as_chrono(call.nanoseconds),
                        .failed = call.failed};
  if (call.failed) reported.error_type = other_name;
  if (call.failure != nullptr) {
    reported.error_type = call.failure->error_type();
    reported.status_code = call.failure->status_code();
  }
  if (call.rows != ledger::no_rows) reported.rows = call.rows;
  return reported;
}

request_stage as_request_stage(const ledger::stage_entry& stage, std::uint64_t begin) {
  request_stage reported{.stage = std::string{to_string(stage.stage)},
                         .strategy = std::string{stage.strategy.data(), stage.strategy_size},
                         .begin = as_chrono(begin),
                         .duration = as_chrono(stage.nanoseconds),
                         .failed = stage.failed};
  if (stage.results != ledger::no_rows) reported.results = stage.results;
  return reported;
}

// A share that was evicted from the ledger is listed again, without counts, for those of its calls
// that are listed one by one.
std::size_t index_of_share(const ledger::call_entry& call, request_report& report,
                           std::string_view source_root) {
  const auto& identity = call.statement->shared_identity();
  const call_site site = site_of(call.site, source_root);
  auto& shares = report.statements;
  const auto known = std::ranges::find_if(shares, [&](const statement_share& share) {
    return share.statement == identity && share.site == site;
  });
  if (known != shares.end()) return static_cast<std::size_t>(known - shares.begin());
  shares.push_back(as_statement_share(*call.statement, site));
  return shares.size() - 1;
}

// Without the "pool " before it.
std::string_view name_of_pool(std::string_view label) {
  return label.substr(std::min(label.size(), label.find(' ') + 1));
}

}  // namespace

std::chrono::system_clock::time_point wall_times::at(std::uint64_t ticks) const {
  const std::uint64_t ago = time_.nanoseconds_between(ticks, ticks_);
  return wall_ - std::chrono::duration_cast<std::chrono::system_clock::duration>(as_chrono(ago));
}

call_report report_of(const pending_report& pending, const wall_times& times,
                      std::string_view source_root) {
  const call_data& call = pending.call;
  const backend_options& options = pending.statement->backend().options();
  call_report report{.system = options.system,
                     .database = options.database,
                     .server_address = options.server_address,
                     .server_port = options.server_port,
                     .statement = pending.statement->shared_identity(),
                     .start = times.at(call.begin),
                     .duration = as_chrono(call.nanoseconds)};
  const std::uint64_t threshold = pending.statement->slow_threshold();
  if (call.nanoseconds > threshold) report.threshold = as_chrono(threshold);
  report.phases = phase_times_of_call(call);
  report.pool_wait = as_chrono(pending.pool_wait);
  if (call.has_rows) report.rows = call.rows;
  report.retries = call.retries;
  if (call.failed) {
    set_failure(report, pending.failure);
  } else if (pending.failure != nullptr) {
    report.status_code = pending.failure->status_code();
  }
  report.site = site_of(call.site, source_root);
  if (pending.request != nullptr) report.request = pending.request->name();
  if (pending.has_trace) report.trace = pending.trace;
  report.thread = pending.thread;
  report.parameters.assign(pending.extras.parameters.data(), pending.extras.parameters_size);
  report.full_scan_steps = pending.extras.full_scan_steps;
  report.sorts = pending.extras.sorts;
  report.automatic_index_rows = pending.extras.automatic_index_rows;
  report.vm_steps = pending.extras.vm_steps;
  report.reprepares = pending.extras.reprepares;
  report.filter_hits = pending.extras.filter_hits;
  report.filter_misses = pending.extras.filter_misses;
  report.statement_memory = pending.extras.statement_memory;
  report.database_file = pending.extras.database_file;
  report.batch_size = pending.extras.batch_size;
  report.sqlstate.assign(pending.extras.sqlstate.data(), pending.extras.sqlstate_size);
  report.affected_rows = pending.extras.affected_rows;
  report.used_no_index = pending.extras.used_no_index;
  return report;
}

request_report report_of(ledger& ledger, const clock& time, const wall_times& times,
                         std::string_view source_root) {
  request_report report{.name = ledger.series()->name(),
                        .start = times.at(ledger.began()),
                        .duration = as_chrono(ledger.nanoseconds()),
                        .error_type = std::string{ledger.outcome().error_type()},
                        .self = ledger.self()};
  if (ledger.caller() != nullptr) report.caller = *ledger.caller();
  report.application = report.duration;
  ledger.for_each_backend([&](const detail::ledger::backend_entry& backend) {
    const backend_share& share = report.backends.emplace_back(
        backend_share{std::string{backend.system}, backend.calls, backend.errors, backend.rows,
                      backend.retries, as_phase_times(backend.nanoseconds)});
    report.application -= share.phases.total();
  });
  ledger.for_each_share([&](const detail::ledger::share_entry& share) {
    report.statements.push_back(as_statement_share(share, source_root));
  });
  ledger.for_each_call([&](const detail::ledger::call_entry& call) {
    const std::size_t statement = index_of_share(call, report, source_root);
    report.calls.push_back(
        as_request_call(call, statement, time.nanoseconds_between(ledger.began(), call.begin)));
  });
  ledger.for_each_wait([&](const detail::ledger::wait_entry& wait) {
    report.waits.push_back({std::string{name_of_pool(wait.pool)},
                            as_chrono(time.nanoseconds_between(ledger.began(), wait.begin)),
                            as_chrono(wait.nanoseconds), wait.failed});
  });
  ledger.for_each_stage([&](const detail::ledger::stage_entry& stage) {
    report.stages.push_back(
        as_request_stage(stage, time.nanoseconds_between(ledger.began(), stage.begin)));
  });
  report.stages_left_out = ledger.stages_left_out();
  report.waits_left_out = ledger.waits_left_out();
  report.calls_left_out = ledger.calls_left_out();
  report.other_statements = ledger.other_statements();
  return report;
}

}  // namespace querytap::detail
