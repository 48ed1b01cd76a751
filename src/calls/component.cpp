#include <querytap/calls/component.hpp>

#include <querytap/base/error.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

namespace querytap {
namespace {

const statement& statement_of_component(recorder& telemetry, std::string_view name,
                                        const component_options& options) {
  if (name.empty()) throw configuration_error{"name", "", "expected the name of a component"};
  const backend components{telemetry,
                           {.system = "component",
                            .kind = backend_kind::component,
                            .slow_threshold = options.slow_threshold}};
  return components.statement_for(name);
}

}  // namespace

component::component(recorder& telemetry, std::string_view name, const component_options& options)
    : work_{statement_of_component(telemetry, name, options)},
      quality_{telemetry.bind_histogram(catalog::component_quality,
                                        {{"querytap.component", work_->identity().summary}})} {}

}  // namespace querytap
