#pragma once

#include <querytap/exporters/otlp/otlp_payload.hpp>
#include <querytap/snapshot/log_record.hpp>
#include <querytap/snapshot/span_record.hpp>

#include <cstddef>
#include <limits>
#include <span>

namespace querytap {

/// How much of a record's attributes is exported; the record counts the attributes left out.
struct otlp_limits {
  std::size_t attribute_count = 128;
  std::size_t attribute_length = std::numeric_limits<std::size_t>::max();  ///< bytes of a text
};

/// Log records and spans as OTLP: the bytes of an ExportLogsServiceRequest and of an
/// ExportTraceServiceRequest.
///
///     const otlp_payload request = render_otlp_spans(resource, spans);
///     post("/v1/traces", "application/x-protobuf", request.body);
///
/// Text leaves as valid UTF-8, with any input. A log record whose trace is not valid leaves without
/// a trace; a span without valid ids is left out.
///
/// Threads  pure functions.
/// Source   opentelemetry-proto 1.11, logs/v1 and trace/v1.
[[nodiscard]] otlp_payload render_otlp_logs(const attributes& resource,
                                            std::span<const log_record> records,
                                            const otlp_limits& limits = {},
                                            const otlp_scope& scope = {});
[[nodiscard]] otlp_payload render_otlp_spans(const attributes& resource,
                                             std::span<const span_record> records,
                                             const otlp_limits& limits = {},
                                             const otlp_scope& scope = {});

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/otlp_format.hpp>
#endif
