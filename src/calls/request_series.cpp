#include "request_series.hpp"

#include <querytap/snapshot/catalog.hpp>

namespace querytap::detail {

request_series::request_series(recorder& to, report_hub& log, std::string_view name)
    : recorder_{to},
      log_{log},
      name_{name},
      success_{to.bind_histogram(catalog::request_duration, {{"querytap.request.name", name}})} {}

void request_series::release_series() const {
  for_each_histogram([this](const histogram& one) { recorder_.release(one); });
}

const histogram& request_series::duration_of(const outcome& how) const {
  if (!how.failed()) return success_;
  if (const histogram* known = failures_.find(how)) return *known;
  return failures_.add(
      how, recorder_.bind_histogram(catalog::request_duration, {{"querytap.request.name", name_},
                                                                {"error.type", how.error_type()}}));
}

const request_series::backend_series& request_series::of_backend(std::string_view system) const {
  if (const backend_series* known = backends_.find(system)) return *known;
  const attributes where{{"querytap.request.name", name_}, {"db.system.name", system}};
  return backends_.add(system,
                       {recorder_.bind_histogram(catalog::request_operations, where),
                        recorder_.bind_histogram(catalog::request_backend_duration, where)});
}

}  // namespace querytap::detail
