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

/// How one signal is sent.
struct otlp_route {
  bool enabled = true;
  http_target target = {};
  otlp_encoding encoding = otlp_encoding::protobuf;
  bool gzip = false;
  std::chrono::milliseconds timeout{10'000};  ///< of a request with all its retries
  // For log records and spans only:
  std::chrono::milliseconds delay{0};
  std::size_t queue = 2048;
  std::size_t batch = 512;
};

/// The configuration of an exporter, merged from options and environment.
struct otlp_settings {
  std::array<otlp_route, 3> routes = {};  ///< by otlp_signal
  std::chrono::milliseconds interval{60'000};
  otlp_metrics_options metrics = {};
  otlp_limits limits = {};

  [[nodiscard]] const otlp_route& route(otlp_signal signal) const {
    return routes[static_cast<std::size_t>(signal)];
  }
};

/// An empty variable counts as unset.
using variable_source = std::function<std::optional<std::string>(const std::string& name)>;
using warning_sink = std::function<void(std::string_view)>;

/// Errors   configuration_error for an option; a variable causes a warning, without its value
///          if that may be secret, and counts as unset.
/// Source   OpenTelemetry specification, environment variables and OTLP exporter: an option
///          comes first, then the form for the signal, then the general form.
[[nodiscard]] otlp_settings otlp_settings_of(const otlp_exporter_options& options,
                                             const variable_source& source,
                                             const warning_sink& warn);

}  // namespace querytap::detail
