#include "annotations.hpp"

#include "panel_json.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <exporters/prometheus/exposition_metrics.hpp>

#include <fmt/format.h>

namespace ops {
namespace {

namespace catalog = querytap::catalog;
using json = nlohmann::ordered_json;

json annotation(const std::string& name, const std::string& color, const std::string& expression,
                const std::string& title, const std::string& text) {
  return {{"name", name},       {"datasource", chosen_data_source()},
          {"enable", true},     {"hide", false},
          {"iconColor", color}, {"expr", expression},
          {"step", "60s"},      {"titleFormat", title},
          {"textFormat", text}, {"useValueForTime", false}};
}

}  // namespace

json annotations() {
  const std::string versions = fmt::format(
      "group by (job, service_name, {}) ({}{{job=~\"$service\"}}", label_of("service.version"),
      querytap::prometheus_name(querytap::detail::target_info));
  return {annotation("Deployments", "blue", versions + ")\nunless\n" + versions + " offset 5m)",
                     "{{service_name}} {{service_version}}",
                     "A version that was not there five minutes before"),
          annotation("Findings", "orange",
                     fmt::format("sum by (job, {}) (increase({}{{job=~\"$service\", "
                                 "instance=~\"$instance\"}}[5m])) > 0",
                                 label_of("querytap.finding.kind"),
                                 querytap::prometheus_name(catalog::finding_count)),
                     "{{querytap_finding_kind}}",
                     "{{job}}: the live page has the evidence under /#findings")};
}

}  // namespace ops
