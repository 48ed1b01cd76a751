#include "request_series.hpp"

#include "fitting_bounds.hpp"
#include "past_limit.hpp"

#include <querytap/snapshot/catalog.hpp>

namespace querytap::detail {

request_series::request_series(recorder& recorder, report_hub& hub, std::string_view name)
    : recorder_{recorder},
      hub_{hub},
      name_{name},
      success_{
          recorder.bind_histogram(catalog::request_duration, {{"querytap.request.name", name}})} {}

void request_series::release_series() const {
  for_each_histogram([this](const histogram& bound) { recorder_.release(bound); });
}

const histogram& request_series::duration_of(const outcome& outcome) const {
  if (!outcome.failed()) return success_;
  if (const histogram* known = failures_.find(outcome)) return *known;
  if (failures_.full() && !(outcome == other_failure)) return duration_of(other_failure);
  return failures_.add(outcome,
                       recorder_.bind_histogram(catalog::request_duration,
                                                labels_with("error.type", outcome.error_type())));
}

const request_series::backend_series& request_series::series_of_backend(
    std::string_view system) const {
  if (const backend_series* known = backends_.find(system)) return *known;
  if (backends_.full() && system != other_name) return series_of_backend(other_name);
  const attributes labels = labels_with("db.system.name", system);
  const instrument& duration = with_fitting_bounds(catalog::request_backend_duration, system);
  return backends_.add(system, {recorder_.bind_histogram(catalog::request_operations, labels),
                                recorder_.bind_histogram(duration, labels)});
}

// Past the limit nothing is bound by name: no table looks after what would have to be given back.
attributes request_series::labels_with(std::string_view key, std::string_view value) const {
  if (is_overflow()) return overflow_labels();
  return {{"querytap.request.name", name_}, {key, value}};
}

}  // namespace querytap::detail
