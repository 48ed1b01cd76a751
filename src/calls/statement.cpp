#include "backend_state.hpp"
#include "overflow_weight.hpp"

#include <querytap/calls/statement.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <string_view>

namespace querytap {
namespace {

// The slow counter carries fewer attributes than the operations do.
attributes where_slow(const attributes& where) {
  attributes kept;
  for (const std::string_view key :
       {"db.system.name", "db.query.summary", "otel.metric.overflow"}) {
    if (const attribute_value* value = where.find(key)) kept.set({key, *value});
  }
  return kept;
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
      slow_threshold_{static_cast<std::uint64_t>(of.options().slow_threshold.count())},
      look_closer_from_{slow_threshold_},
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
    weight_ = std::make_unique<detail::overflow_weight>();
  }
}

statement::~statement() = default;

void statement::look_closer(std::uint64_t nanoseconds) const noexcept {
  if (weight_ != nullptr) weight_->add(nanoseconds);
  if (nanoseconds > slow_threshold_) slow_.add();
}

void statement::release() const {
  recorder& from = backend_->to();
  for_each_histogram([&](const histogram& one) { from.release(one); });
  from.release(slow_);
}

const histogram& statement::duration_of(const outcome& failure) const noexcept {
  if (const histogram* known = failures_.find(failure)) return *known;
  try {
    const attributes where = failed(backend_->attributes_of(*identity_), failure);
    return failures_.add(
        failure, backend_->to().bind_histogram(catalog::operation_duration, where, identity_));
  } catch (const std::exception&) {
    return duration_;  // no memory: better counted as a success than not at all
  }
}

}  // namespace querytap
