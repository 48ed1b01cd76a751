#pragma once

#include <optional>
#include <string>

namespace querytap {

/// The value of an environment variable. An empty one counts as unset, as OpenTelemetry asks.
///
/// Threads  as getenv: not while another thread changes the environment.
[[nodiscard]] std::optional<std::string> environment(const char* name);

/// True if the variable is `true` in any case; any other value is false, as OpenTelemetry asks.
[[nodiscard]] bool environment_flag(const char* name);

}  // namespace querytap
