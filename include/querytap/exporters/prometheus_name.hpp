#pragma once

#include <querytap/snapshot/instrument.hpp>

#include <string>
#include <string_view>

namespace querytap {

/// The Prometheus name of an instrument, unit and `_total` included.
///
///     prometheus_name(catalog::operation_duration);   // db_client_operation_duration_seconds
///
/// Source   OpenTelemetry's Prometheus compatibility, UnderscoreEscapingWithSuffixes.
[[nodiscard]] std::string prometheus_name(const instrument& what);

/// The Prometheus name of an attribute: `db.system.name` → `db_system_name`.
[[nodiscard]] std::string prometheus_label(std::string_view key);

}  // namespace querytap
