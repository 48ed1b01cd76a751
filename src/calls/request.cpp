#include <querytap/calls/request.hpp>

#include "ledger_pool.hpp"
#include "reports/report_hub.hpp"
#include "request_names.hpp"
#include "request_series.hpp"

#include <querytap/calls/detail/ledger.hpp>
#include <querytap/calls/detail/lookup_cache.hpp>
#include <querytap/recording/detail/in_flight.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/recording/trace_scope.hpp>

#include <exception>
#include <utility>

namespace querytap {
namespace {

detail::ref<const detail::request_series> find_or_make_request_series(recorder& recorder,
                                                                      std::string_view name) {
  auto found = recorder.part<detail::request_names>().find_or_make(name);
  detail::lookup_cache::insert(recorder.id(), name, *found);
  return found;
}

}  // namespace

request::request(recorder& recorder, std::string_view name,
                 const std::optional<trace_context>& caller)
    : exceptions_{std::uncaught_exceptions()} {
  if (!recorder.enabled()) return;
  const trace_context* const parent = caller ? &*caller : detail::current_trace;
  if (const detail::ref_counted* known = detail::lookup_cache::find(recorder.id(), name)) {
    begin(static_cast<const detail::request_series&>(*known), parent);
  } else {
    begin(*find_or_make_request_series(recorder, name), parent);
  }
}

request::request(request&& other) noexcept
    : series_{std::exchange(other.series_, nullptr)},
      retains_series_{other.retains_series_},
      slot_{other.slot_},
      ledger_{other.ledger_},
      failure_{other.failure_},
      exceptions_{other.exceptions_},
      begin_{other.begin_} {}

// A reference count would be one word that all threads write: neither a series that is shown as in
// flight is retired, nor are the statements that its request has called.
void request::begin(const detail::request_series& series, const trace_context* caller) noexcept {
  series_ = &series;
  begin_ = series.time().ticks();
  slot_ = detail::publish(series.shown_as(), begin_, detail::never_slow, {});
  const bool is_shown = slot_ != nullptr;
  retains_series_ = !is_shown || series.is_overflow();
  if (retains_series_) series.retain();
  ledger_ = detail::take_ledger();
  if (ledger_ == nullptr) return;
  ledger_->begin(series, begin_, caller, !is_shown);
  attach();
}

request::~request() {
  if (series_ == nullptr) return;
  if (!failure_.failed() && std::uncaught_exceptions() > exceptions_) fail_by_exception();
  finish();
}

// Which exception passes, a destructor cannot know; it mostly is that of the call that failed last.
void request::fail_by_exception() noexcept {
  const bool is_known = ledger_ != nullptr && ledger_->last_failure().failed();
  fail(is_known ? ledger_->last_failure() : outcome::error(""));
}

void request::attach() noexcept {
  if (series_ == nullptr || ledger_ == nullptr) return;
  detach();
  exceptions_ = std::uncaught_exceptions();
  ledger_->push_onto(detail::current_ledger);
}

void request::detach() noexcept {
  if (series_ != nullptr && ledger_ != nullptr) ledger_->remove_from(detail::current_ledger);
}

void request::finish() noexcept {
  if (series_ == nullptr) return;
  const detail::request_series& series = *std::exchange(series_, nullptr);
  const clock& time = series.time();
  const std::uint64_t end = time.ticks();
  const std::uint64_t spent = time.nanoseconds_between(begin_, end);
  // Void if the request was begun by another thread of the process that this one was forked from.
  const bool is_void = slot_ != nullptr && slot_->begin.load(std::memory_order_relaxed) != begin_;
  if (ledger_ != nullptr && is_void) discard_ledger();
  if (ledger_ != nullptr) end_ledger(end, spent);
  record(series, spent);
  if (ledger_ != nullptr) report_ledger(series);
  // Last: once withdrawn, the series and the statements in the ledger may be gone.
  detail::withdraw(slot_);
  if (retains_series_) series.release();
}

void request::record(const detail::request_series& series, std::uint64_t spent) const noexcept {
  try {
    series.duration_of(failure_).record(spent);
    if (ledger_ == nullptr) return;
    ledger_->for_each_backend([&](const detail::ledger::backend_entry& backend) {
      const auto& bound = series.series_of_backend(backend.system);
      bound.operations.record(backend.calls);
      bound.duration.record(backend.total());
    });
  } catch (const std::exception&) {
    // Out of memory while a series was bound for the first time: this request goes uncounted.
    return;
  }
}

void request::end_ledger(std::uint64_t end, std::uint64_t spent) noexcept {
  detail::ledger* const outer =
      detail::innermost_of(ledger_->recorder_id(), ledger_->remove_from(detail::current_ledger));
  ledger_->end(end, spent, failure_);
  if (outer != nullptr) outer->add(*ledger_);
}

void request::discard_ledger() noexcept {
  ledger_->remove_from(detail::current_ledger);
  detail::give_back(std::exchange(ledger_, nullptr));
}

void request::report_ledger(const detail::request_series& series) noexcept {
  const bool is_taken = series.hub().is_reportable(*ledger_) && series.hub().report(*ledger_);
  if (!is_taken) detail::give_back(ledger_);
}

}  // namespace querytap
