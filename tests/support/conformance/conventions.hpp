#pragma once

#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/snapshot.hpp>
#include <querytap/snapshot/span_record.hpp>

#include <string>
#include <vector>

namespace querytap::testing::conformance {

/// In what the metrics of a snapshot differ from OpenTelemetry's conventions for clients of databases, models and HTTP, one
/// sentence each: names, kinds, units, bucket bounds, attributes with their types, those that are missing,
/// and those that exclude each other. Metrics of our own must follow the same style.
///
/// Source   OpenTelemetry semantic conventions 1.44, docs/db and docs/http; 1.41, docs/gen-ai, and its repository of
///          2026.
[[nodiscard]] std::vector<std::string> deviations_from_conventions(const snapshot& snapshot);

/// The same of the client span of a call.
[[nodiscard]] std::vector<std::string> deviations_from_conventions(const span_record& span);

}  // namespace querytap::testing::conformance
