#include <querytap/calls/statement.hpp>

#include "../base/numbers.hpp"
#include "backend_state.hpp"
#include "past_limit.hpp"
#include "search_series.hpp"
#include "sketched_cost.hpp"

#include <querytap/snapshot/call_convention.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <exception>
#include <string_view>

namespace querytap {
namespace {

// The slow counter carries fewer attributes than the operations do, and names of our own for any backend.
attributes slow_counter_labels(std::string_view system, const statement_identity& identity) {
  attributes exported{{"db.system.name", system}};
  if (!identity.summary.empty()) exported.set({"db.query.summary", identity.summary});
  return exported;
}

// Of one statement; a router has dozens, of which the last ones count without a name. Each may take several of the
// endings that a statement distinguishes.
constexpr std::size_t most_models = 8;

// By HTTP a call that did not fail has a status code as well, which the conventions have as a number.
attributes with_outcome(attributes labels, const outcome& outcome, backend_kind kind) {
  if (outcome.failed()) labels.set({"error.type", outcome.error_type()});
  const std::string_view status = outcome.status_code();
  if (status.empty() || kind == backend_kind::model) return labels;
  const std::string_view key = call_convention::find(kind).status;
  const auto number = detail::whole_number<std::int64_t>(status);
  if (kind == backend_kind::http && number) {
    labels.set({key, *number});
  } else if (kind == backend_kind::database) {
    labels.set({key, status});
  }
  return labels;
}

}  // namespace

statement::statement(detail::backend_state& backend,
                     std::shared_ptr<const statement_identity> identity, const attributes& labels)
    : time_{&backend.recorder().time()},
      slow_threshold_{backend.slow_threshold()},
      examined_from_{backend.slow_threshold()},
      system_{backend.options().system},
      backend_{&backend},
      identity_{std::move(identity)} {
  recorder& recorder = backend.recorder();
  duration_ = recorder.bind_histogram(backend.duration_of(*identity_), labels, identity_,
                                      backend.total_of(phase::execute));
  // Past the limit nothing is bound by name: no table looks after what would have to be given back.
  const attributes all_labels = duration_.is_overflow() ? detail::overflow_labels() : labels;
  if (!duration_.is_overflow() && labels.find("otel.metric.overflow") == nullptr) {
    if (const auto search = find_nearest_neighbours(*identity_, backend.options().dialect)) {
      search_ = std::make_unique<detail::search_series>(recorder, system_, *search);
    }
  }
  // Only the conventions for databases have returned rows.
  const bool is_plain_read = identity_->backend == backend_kind::database &&
                             identity_->kind == statement_kind::read && search_ == nullptr;
  expects_rows_ = duration_.is_overflow() || is_plain_read;
  if (expects_rows_) rows_ = recorder.bind_histogram(catalog::returned_rows, all_labels, identity_);
  const bool has_name = all_labels.find("otel.metric.overflow") == nullptr;
  slow_ = recorder.bind_counter(catalog::operation_slow,
                                has_name ? slow_counter_labels(system_, *identity_) : all_labels);
  if (!recorder.enabled()) {
    kind_ = kind::disabled;
  } else if (duration_.is_overflow()) {
    kind_ = kind::overflow;
    examined_from_ = 0;
    weight_ = std::make_unique<detail::sketched_cost>();
  }
}

statement::~statement() = default;

void statement::set_slow_threshold(std::uint64_t nanoseconds) const noexcept {
  slow_threshold_.store(nanoseconds, std::memory_order_relaxed);
  if (kind_ == kind::named) examined_from_.store(nanoseconds, std::memory_order_relaxed);
}

void statement::examine(const detail::call_data& call, const outcome* failure,
                        const detail::call_extras& extras) const noexcept {
  if (weight_ != nullptr) {
    weight_->add(call.nanoseconds);
    backend_->record_phases(call);  // the overflow series is a part of no phase's total
  }
  const bool is_slow = call.nanoseconds > slow_threshold();
  if (is_slow) slow_.add();
  if (is_slow || call.failed) backend_->hub().report(*this, call, failure, extras);
}

void statement::release_series() const {
  recorder& recorder = backend_->recorder();
  for_each_histogram([&](const histogram& bound) { recorder.release(bound); });
  recorder.release(slow_);
  if (search_ != nullptr) search_->release(recorder);
}

void statement::searched(std::uint64_t asked, std::uint64_t returned) const noexcept {
  if (search_ != nullptr && enabled()) search_->add_asked(asked, returned);
}

void statement::record_rows_of_search(std::uint64_t count) const noexcept {
  find_or_make_rows().record(count);
  search_->add_returned(count);
}

const histogram& statement::find_or_make_rows() const noexcept {
  if (const histogram* known = late_rows_.find(true)) return *known;
  try {
    return late_rows_.add(
        true, backend_->recorder().bind_histogram(catalog::returned_rows,
                                                  backend_->attributes_of(*identity_), identity_));
  } catch (const std::exception&) {
    return rows_;  // not bound: without memory for a series the rows go uncounted
  }
}

const detail::ending_series* statement::find_or_make_ending(
    const detail::call_ending& ending) const noexcept {
  if (const detail::ending_series* known = endings_.find(ending)) return known;
  const outcome& outcome = ending.outcome;
  // The model is left out before the failure is.
  if (endings_.full() && (!outcome.failed() || ending.model != nullptr)) return nullptr;
  if (endings_.full() && !(ending == detail::call_ending{detail::other_failure}))
    return find_or_make_ending({detail::other_failure});
  try {
    return &endings_.add(ending,
                         {ending, bind_duration(ending, &backend_->total_of(phase::execute))});
  } catch (const std::exception&) {
    return nullptr;
  }
}

const std::string* statement::find_or_make_model(std::string_view name) const noexcept {
  if (name.empty()) return nullptr;
  if (const auto* const known = models_.find(name)) return known->get();
  if (models_.size() >= most_models) return nullptr;
  try {
    auto fresh = std::make_unique<const std::string>(name);
    const std::string_view key = *fresh;
    return models_.add(key, std::move(fresh)).get();
  } catch (const std::exception&) {
    return nullptr;
  }
}

histogram statement::bind_duration(const detail::call_ending& ending,
                                   const histogram* total) const {
  attributes labels = backend_->attributes_of(*identity_);
  labels = with_outcome(std::move(labels), ending.outcome, backend_->options().kind);
  if (ending.model != nullptr) labels.set({"gen_ai.response.model", *ending.model});
  if (is_overflow()) labels = detail::overflow_labels();
  recorder& recorder = backend_->recorder();
  const instrument& durations = backend_->duration_of(*identity_);
  return total == nullptr ? recorder.bind_histogram(durations, labels, identity_)
                          : recorder.bind_histogram(durations, labels, identity_, *total);
}

// Into a series of its own, exported as one with the others of its labels: those are counted as time
// of `execute`, whole. Of a call past the series limit, examine() records the phases.
void statement::record_in_phases(const detail::call_data& call,
                                 const detail::ending_series* ending) const noexcept {
  const histogram& plain = ending == nullptr ? duration_ : ending->duration;
  if (is_overflow()) return plain.record(call.nanoseconds);
  if (plain.is_overflow()) {
    plain.record(call.nanoseconds);
    return backend_->record_phases(call);
  }
  const std::size_t spent_in = call.has_phases ? detail::phased_calls::several
                                               : static_cast<std::size_t>(call.current_phase);
  const histogram* const phased =
      find_or_make_phased({ending == nullptr ? detail::call_ending{} : ending->ending, spent_in});
  if (phased == nullptr) return plain.record(call.nanoseconds);
  phased->record(call.nanoseconds);
  if (call.has_phases) backend_->record_phases(call);
}

const histogram* statement::find_or_make_phased(const detail::phased_calls& key) const noexcept {
  if (const histogram* known = phased_.find(key)) return known;
  if (phased_.full()) return nullptr;
  try {
    const bool is_of_one = key.spent_in != detail::phased_calls::several;
    const histogram* const total =
        is_of_one ? &backend_->total_of(static_cast<phase>(key.spent_in)) : nullptr;
    const histogram bound = bind_duration(key.ending, total);
    // Past the series limit a call counts with the others of its statement.
    return bound.is_overflow() ? nullptr : &phased_.add(key, bound);
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace querytap
