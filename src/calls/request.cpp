#include <querytap/calls/request.hpp>

#include "ledger_pool.hpp"
#include "reports/report_hub.hpp"
#include "request_series.hpp"
#include "retirable_map.hpp"

#include <querytap/calls/detail/ledger.hpp>
#include <querytap/calls/detail/lookup_cache.hpp>
#include <querytap/recording/detail/in_flight.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/recording/trace_scope.hpp>

#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace querytap {
namespace detail {

/// The names of a recorder's requests.
class request_names final : public recorder_part {
 public:
  explicit request_names(recorder& to) : recorder_{to}, log_{report_hub::of(to)} {}

  [[nodiscard]] ref<const request_series> of(std::string_view name) {
    const owners_lock lock{recorder_};
    return by_name_.find_or_make(std::string{name}, [&] {
      return ref<const request_series>{*new request_series{recorder_, *log_, name}};
    });
  }
  void release_idle(const series_usage& now) override {
    const owners_lock lock{recorder_};
    by_name_.release_idle(now);
  }

 private:
  recorder& recorder_;
  const std::shared_ptr<report_hub> log_;
  retirable_map<std::string, request_series> by_name_;  // under an owners_lock
};

}  // namespace detail

namespace {

detail::ref<const detail::request_series> find_or_make(recorder& to, std::string_view name) {
  auto found = detail::shared_owner<detail::request_names>(to, "")->of(name);
  detail::lookup_cache::keep(to.id(), name, *found);
  return found;
}

}  // namespace

request::request(recorder& to, std::string_view name, const std::optional<trace_context>& caller)
    : exceptions_{std::uncaught_exceptions()} {
  if (!to.enabled()) return;
  const trace_context* const parent = caller ? &*caller : detail::current_trace;
  if (const detail::ref_counted* known = detail::lookup_cache::find(to.id(), name)) {
    begin(static_cast<const detail::request_series&>(*known), parent);
  } else {
    begin(*find_or_make(to, name), parent);
  }
}

request::request(request&& other) noexcept
    : series_{std::exchange(other.series_, nullptr)},
      holds_{other.holds_},
      shown_{other.shown_},
      ledger_{other.ledger_},
      failure_{other.failure_},
      exceptions_{other.exceptions_},
      begin_{other.begin_} {}

// A count of holders would be one word that all threads write: what is shown as in flight is not
// retired either, nor are the statements that it has called.
void request::begin(const detail::request_series& series, const trace_context* caller) noexcept {
  series_ = &series;
  begin_ = series.time().ticks();
  shown_ = detail::publish(series.shown_as(), begin_, {});
  const bool is_shown = shown_ != nullptr;
  holds_ = !is_shown || series.is_overflow();
  if (holds_) series.retain();
  ledger_ = detail::take_ledger();
  if (ledger_ == nullptr) return;
  ledger_->begin(series, begin_, caller, !is_shown);
  attach();
}

request::~request() {
  if (series_ == nullptr) return;
  if (!failure_.failed() && std::uncaught_exceptions() > exceptions_) fail(outcome::error(""));
  finish();
}

void request::attach() noexcept {
  if (series_ == nullptr || ledger_ == nullptr) return;
  detach();
  exceptions_ = std::uncaught_exceptions();
  ledger_->put_on(detail::current_ledger);
}

void request::detach() noexcept {
  if (series_ != nullptr && ledger_ != nullptr) ledger_->take_off(detail::current_ledger);
}

void request::finish() noexcept {
  if (series_ == nullptr) return;
  const detail::request_series& series = *std::exchange(series_, nullptr);
  const clock& time = series.time();
  const std::uint64_t end = time.ticks();
  const std::uint64_t spent = time.nanoseconds_between(begin_, end);
  if (ledger_ != nullptr) end_ledger(end, spent);
  record(series, spent);
  if (ledger_ != nullptr) hand_over_ledger(series);
  // Last: from here on the series, and the statements in the ledger, may be gone.
  detail::withdraw(shown_);
  if (holds_) series.release();
}

void request::record(const detail::request_series& series, std::uint64_t spent) const noexcept {
  try {
    series.duration_of(failure_).record(spent);
    if (ledger_ == nullptr) return;
    ledger_->for_each_backend([&](const detail::ledger::backend& of) {
      const auto& backend = series.of_backend(of.system);
      backend.operations.record(of.calls);
      backend.duration.record(of.total());
    });
  } catch (const std::exception&) {
    // Out of memory while a series was bound for the first time: this request goes uncounted.
    return;
  }
}

void request::end_ledger(std::uint64_t end, std::uint64_t spent) noexcept {
  detail::ledger* const outer = ledger_->take_off(detail::current_ledger);
  ledger_->end(end, spent, failure_);
  if (outer != nullptr) outer->add(*ledger_);
}

void request::hand_over_ledger(const detail::request_series& series) noexcept {
  const bool is_taken = series.log().wants(*ledger_) && series.log().report(*ledger_);
  if (!is_taken) detail::give_back(ledger_);
}

}  // namespace querytap
