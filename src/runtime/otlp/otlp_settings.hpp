#pragma once

#include "http_sender.hpp"

#include <querytap/exporters/otlp/otlp_records.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace querytap::detail {

/// How one signal leaves.
struct otlp_route {
  bool enabled = true;
  http_target target = {};
  otlp_encoding encoding = otlp_encoding::protobuf;
  bool gzip = false;
  std::chrono::milliseconds timeout{10'000};  ///< of a request with all its retries
  // Of log records and spans alone:
  std::chrono::milliseconds delay{0};
  std::size_t queue = 2048;
  std::size_t batch = 512;
};

/// Everything that an exporter goes by, once options and environment have been made one.
struct otlp_settings {
  std::array<otlp_route, 3> routes = {};  ///< by otlp_signal
  std::chrono::milliseconds interval{60'000};
  otlp_metrics_options metrics = {};
  otlp_limits limits = {};

  [[nodiscard]] const otlp_route& route(otlp_signal signal) const {
    return routes[static_cast<std::size_t>(signal)];
  }
};

/// Unset and empty are the same.
using variable_source = std::function<std::optional<std::string>(const std::string& name)>;
using warning_sink = std::function<void(std::string_view)>;

/// Errors   configuration_error for an option; a variable is warned of, without its value where
///          that may be secret, and counts as unset.
/// Source   OpenTelemetry specification, environment variables and OTLP exporter: what is set in
///          code comes first, then the form of the signal, then the general one.
[[nodiscard]] otlp_settings otlp_settings_of(const otlp_exporter_options& options,
                                             const variable_source& variables,
                                             const warning_sink& warn);

}  // namespace querytap::detail
