#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/snapshot/instrument.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap {

/// The Prometheus name of an instrument, unit and `_total` included.
///
///     prometheus_name(catalog::operation_duration);   // db_client_operation_duration_seconds
///
/// Source   OpenTelemetry's Prometheus compatibility, UnderscoreEscapingWithSuffixes.
[[nodiscard]] std::string prometheus_name(const instrument& instrument);

/// The name of the instrument's OpenMetrics family, which for a counter is without `_total`.
[[nodiscard]] std::string open_metrics_name(const instrument& instrument);

/// The unit at the end of the OpenMetrics name, as `seconds`; empty if the name ends in no unit.
[[nodiscard]] std::string open_metrics_unit(const instrument& instrument);

/// The Prometheus name of an attribute: `db.system.name` → `db_system_name`. `le`, which names the
/// buckets of a histogram, becomes `key_le`.
[[nodiscard]] std::string prometheus_label(std::string_view key);

/// Attributes as Prometheus labels: each name once, values as valid UTF-8. If several keys become
/// one name, their values are joined by `;`, in the order of the keys.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> prometheus_labels(
    const attributes& attributes);

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/prometheus.hpp>
#endif
