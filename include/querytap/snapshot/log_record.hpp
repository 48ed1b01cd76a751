#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/base/trace_context.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace querytap {

/// How bad an event is, in OpenTelemetry's numbers; the numbers between stand for finer steps.
enum class severity : std::uint8_t { trace = 1, debug = 5, info = 9, warning = 13, error = 17 };

/// Something that happened once and gets a record of its own: a slow query, a finding.
///
///     log_record slow{.event_name = "querytap.operation.slow",
///                     .body = statement.text,
///                     .attributes = {{"db.system.name", "postgresql"}}};
///
/// Threads  a plain value.
/// Source   OpenTelemetry log data model; with an `event_name`, an event.
struct log_record {
  std::string event_name = {};
  std::chrono::system_clock::time_point time = {};  ///< of the event; epoch: not known
  /// When the event was seen. Epoch: when the record is handed to an exporter.
  std::chrono::system_clock::time_point observed = {};
  querytap::severity severity = severity::info;
  std::string body = {};
  querytap::attributes attributes = {};
  std::optional<trace_context> trace = {};  ///< the trace in which it happened
};

/// `TRACE`, `DEBUG`, `INFO`, `WARN` or `ERROR`, as OpenTelemetry writes them.
[[nodiscard]] constexpr std::string_view to_string(severity level) noexcept {
  switch (level) {
    case severity::trace: return "TRACE";
    case severity::debug: return "DEBUG";
    case severity::info: return "INFO";
    case severity::warning: return "WARN";
    case severity::error: return "ERROR";
  }
  return "";
}

}  // namespace querytap
