#include <querytap/calls/statement.hpp>

#include "backend_state.hpp"
#include "sketched_cost.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <string_view>

namespace querytap {
namespace {

// The slow counter carries fewer attributes than the operations do.
attributes where_slow(const attributes& where) {
  attributes exported;
  for (const std::string_view key :
       {"db.system.name", "db.query.summary", "otel.metric.overflow"}) {
    if (const attribute_value* value = where.find(key)) exported.set({key, *value});
  }
  return exported;
}

attributes failed(attributes where, const outcome& how) {
  where.set({"error.type", how.error_type()});
  if (!how.status_code().empty()) where.set({"db.response.status_code", how.status_code()});
  return where;
}

}  // namespace

statement::statement(detail::backend_state& of, std::shared_ptr<const statement_identity> identity,
                     const attributes& where)
    : time_{&of.to().time()},
      slow_threshold_{of.slow_threshold()},
      look_closer_from_{of.slow_threshold()},
      system_{of.options().system},
      backend_{&of},
      identity_{std::move(identity)} {
  duration_ = of.to().bind_histogram(catalog::operation_duration, where, identity_);
  rows_ = of.to().bind_histogram(catalog::returned_rows, where, identity_);
  slow_ = of.to().bind_counter(catalog::operation_slow, where_slow(where));
  if (!of.to().enabled()) {
    kind_ = kind::disabled;
  } else if (duration_.is_overflow()) {
    kind_ = kind::overflow;
    look_closer_from_ = 0;
    weight_ = std::make_unique<detail::sketched_cost>();
  }
}

statement::~statement() = default;

void statement::set_slow_threshold(std::uint64_t nanoseconds) const noexcept {
  slow_threshold_.store(nanoseconds, std::memory_order_relaxed);
  if (kind_ == kind::named) look_closer_from_.store(nanoseconds, std::memory_order_relaxed);
}

void statement::look_closer(const detail::call_data& one, const outcome* failure,
                            const detail::call_extras& extras) const noexcept {
  if (weight_ != nullptr) weight_->add(one.nanoseconds);
  const bool is_slow = one.nanoseconds > slow_threshold();
  if (is_slow) slow_.add();
  if (is_slow || one.failed) backend_->log().report({*this, one, failure, extras});
}

void statement::release_series() const {
  recorder& from = backend_->to();
  for_each_histogram([&](const histogram& one) { from.release(one); });
  from.release(slow_);
}

const detail::failed_calls* statement::failed_like(const outcome& failure) const noexcept {
  if (const detail::failed_calls* known = failures_.find(failure)) return known;
  try {
    const attributes where = failed(backend_->attributes_of(*identity_), failure);
    return &failures_.add(failure, {failure, backend_->to().bind_histogram(
                                                 catalog::operation_duration, where, identity_)});
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace querytap
