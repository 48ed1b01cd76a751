#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/snapshot/instrument.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap {

/// The Prometheus name of an instrument, unit and `_total` included; `unnamed` if nothing of the
/// name is left.
///
///     prometheus_name(catalog::operation_duration);   // db_client_operation_duration_seconds
///
/// In a scrape, an instrument whose name, or the name of one of whose samples, another one has,
/// gets a number: `a_2_total`.
///
/// Source   OpenTelemetry's Prometheus compatibility, UnderscoreEscapingWithSuffixes.
[[nodiscard]] std::string prometheus_name(const instrument& instrument);

/// The name of the instrument's OpenMetrics family, which for a counter is without `_total`, for an
/// info without `_info`.
[[nodiscard]] std::string open_metrics_name(const instrument& instrument);

/// The unit at the end of the OpenMetrics name, as `seconds`; empty if the name ends in no unit.
[[nodiscard]] std::string open_metrics_unit(const instrument& instrument);

/// The Prometheus name of an attribute: `db.system.name` → `db_system_name`. `le` and `quantile`,
/// which name parts of a histogram and a summary, become `key_le` and `key_quantile`; an empty key
/// becomes `_`.
[[nodiscard]] std::string prometheus_label(std::string_view key);

/// Attributes as Prometheus labels, by name: each name once, values as valid UTF-8. If
/// several keys become one name, their values are joined by `;`, in the order of the keys.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> prometheus_labels(
    const attributes& attributes);

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/prometheus.hpp>
#endif
