#include "request_series.hpp"

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
  return failures_.add(outcome, recorder_.bind_histogram(catalog::request_duration,
                                                         {{"querytap.request.name", name_},
                                                          {"error.type", outcome.error_type()}}));
}

const request_series::backend_series& request_series::series_of_backend(
    std::string_view system) const {
  if (const backend_series* known = backends_.find(system)) return *known;
  const attributes labels{{"querytap.request.name", name_}, {"db.system.name", system}};
  return backends_.add(system,
                       {recorder_.bind_histogram(catalog::request_operations, labels),
                        recorder_.bind_histogram(catalog::request_backend_duration, labels)});
}

}  // namespace querytap::detail
