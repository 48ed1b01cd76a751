#pragma once

#include <querytap/exporters/otlp/otlp_payload.hpp>

#include <string>
#include <string_view>

namespace querytap {

/// An OTLP request as JSON, for collectors that accept nothing else and for people.
///
///     post("/v1/metrics", "application/json", otlp_json(otlp_signal::metrics, request.body));
///
/// Translated from the protobuf by a table of fields, so that both always have the same content.
///
/// Cost     some three times that of the protobuf, bench/exporters/otlp/otlp_bench.cpp.
/// Errors   std::exception for bytes that are not protobuf.
/// Source   OTLP 1.11, JSON protobuf encoding: ids in hexadecimal digits, enumerations as numbers,
///          64-bit integers as strings.
[[nodiscard]] std::string otlp_json(otlp_signal signal, std::string_view protobuf);

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/otlp_format.hpp>
#endif
