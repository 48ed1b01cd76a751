#pragma once

#include <querytap/base/version.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace querytap {

enum class otlp_signal : std::uint8_t { metrics, logs, traces };

/// Who measured: `InstrumentationScope`.
struct otlp_scope {
  std::string name = "querytap";
  std::string version = std::string{querytap::version};
};

/// One Export…ServiceRequest, as protobuf.
struct otlp_payload {
  std::string body = {};
  /// Data points, log records or spans; 0 with an empty body: there is nothing to send.
  std::size_t records = 0;
};

/// "metrics", "logs" or "traces", as in paths and messages.
[[nodiscard]] constexpr std::string_view to_string(otlp_signal signal) noexcept {
  switch (signal) {
    case otlp_signal::metrics: return "metrics";
    case otlp_signal::logs: return "logs";
    case otlp_signal::traces: return "traces";
  }
  return "unknown";
}

}  // namespace querytap
