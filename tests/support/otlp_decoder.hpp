#pragma once

#include <querytap/exporters/otlp/otlp_payload.hpp>

#include <string>
#include <string_view>

namespace querytap::testing {

/// Decoders of other projects, which read querytap's requests.
///
/// Errors   std::runtime_error with the decoder's output, or with the package to install where the
///          decoder is missing.

/// protoc with the official .proto files: text, in which unknown fields show as bare numbers.
[[nodiscard]] std::string read_by_protoc(otlp_signal signal, std::string_view protobuf);

/// The decoder of OpenTelemetry JS: JSON, in one line, with 64-bit integers as strings.
[[nodiscard]] std::string read_by_javascript(otlp_signal signal, std::string_view protobuf);

/// The encoder of OpenTelemetry JS: protobuf from OTLP JSON.
[[nodiscard]] std::string protobuf_by_javascript(otlp_signal signal, std::string_view json);

[[nodiscard]] std::string hex(std::string_view bytes);

}  // namespace querytap::testing
