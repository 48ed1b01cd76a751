#pragma once

#include <querytap/base/attribute.hpp>

#include <functional>
#include <string_view>

namespace querytap::detail {

/// Calls `warn`, or writes a line to stderr if it is empty; an exception ends nothing.
void warn_or_print(const std::function<void(std::string_view)>& warn, std::string_view text);

/// The attributes of the process: `service.name`, `telemetry.sdk.*` and OTEL_RESOURCE_ATTRIBUTES.
///
/// Errors   an OTEL_RESOURCE_ATTRIBUTES that is not `key=value,key=value` is reported to `warn`, or
///          on stderr if `warn` is empty, without its keys and values, and counts as unset.
/// Source   OpenTelemetry resource SDK: a name given in code comes before OTEL_SERVICE_NAME, which
///          comes before `service.name` of OTEL_RESOURCE_ATTRIBUTES.
[[nodiscard]] attributes make_resource(std::string_view service_name,
                                       const std::function<void(std::string_view)>& warn);

}  // namespace querytap::detail
