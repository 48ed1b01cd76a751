#pragma once

#include <querytap/base/attribute.hpp>

#include <string_view>

namespace querytap::detail {

/// What the process says of itself: `service.name`, `telemetry.sdk.*` and OTEL_RESOURCE_ATTRIBUTES.
///
/// Errors   configuration_error if OTEL_RESOURCE_ATTRIBUTES is not `key=value,key=value`.
/// Source   OpenTelemetry resource SDK: a name given in code comes before OTEL_SERVICE_NAME, and
///          that before `service.name` of OTEL_RESOURCE_ATTRIBUTES.
[[nodiscard]] attributes resource_of(std::string_view service_name);

}  // namespace querytap::detail
