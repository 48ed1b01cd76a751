#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/function.hpp>
#include <querytap/snapshot/call_convention.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {

class clock;

/// The configuration of a recorder; every field has a good default.
struct recorder_options {
  /// `service.name`. Empty: OTEL_SERVICE_NAME, else `service.name` of OTEL_RESOURCE_ATTRIBUTES,
  /// else `unknown_service:` and the name of the program.
  std::string service_name = {};
  /// Most series of one instrument; records of further ones go to its overflow series.
  std::size_t series_limit = 2000;
  /// Most memory for cells of named series. Past it, records go to the overflow series.
  std::size_t byte_limit = std::size_t{64} << 20;
  /// A statement, request name or set of attributes that has not been used for this long is retired
  /// at the next collection: its exported series ends with its last value, and its memory is reused.
  /// So it must be longer than the interval of every reader, and than the outages of a collector
  /// that deltas are to survive. A handle that the application bound is never retired, nor is the
  /// series that a thread without further calls has used last.
  std::chrono::nanoseconds retire_idle_after = std::chrono::hours{1};
  /// Further bucket edges of every duration histogram, so that "how many within 200 ms" is exact.
  std::vector<std::chrono::nanoseconds> slo_thresholds = {};
  /// A request that takes longer is reported with its ledger, as is one that fails. This and the next
  /// three can be changed later, and for single names: see calls/thresholds.hpp.
  std::chrono::nanoseconds slow_request = std::chrono::seconds{1};
  /// A request that calls one statement so often from one line, where fewer calls would do, has a
  /// finding. It is reported the first time; then one such request a minute is.
  std::uint64_t n_plus_one_from = 5;
  /// A call that still runs after so long is a finding; not before it is slow, so that a statement
  /// that may take longer is left in peace.
  std::chrono::nanoseconds hung_after = std::chrono::seconds{30};
  /// A transaction in which nothing is called for so long is a finding.
  std::chrono::nanoseconds idle_in_transaction = std::chrono::seconds{1};
  /// The names of what is exported of models. `v1_41` is `latest` where OTEL_SEMCONV_STABILITY_OPT_IN
  /// lists `gen_ai_latest_experimental`.
  querytap::gen_ai_names gen_ai_names = querytap::gen_ai_names::v1_41;
  /// Most memory for what was recorded in the last hour: see snapshot/snapshot_history.hpp. Past it the
  /// oldest is forgotten, and windows are shorter. 0: there are no windows.
  std::size_t history_byte_limit = std::size_t{16} << 20;
  /// The folder of the application's sources as the compiler saw it, such as CMake's CMAKE_SOURCE_DIR. Lines of
  /// code are reported relative to it. Empty: relative to a folder of a usual name, see relative_source().
  std::string source_root = {};
  /// Nothing is recorded, and decorators only forward calls. OTEL_SDK_DISABLED=true does the same.
  bool disabled = false;
  /// Null: the clock of the process. Must outlive the recorder.
  const clock* time = nullptr;
  /// Called with what a person should know, which holds nothing secret: at construction if
  /// OTEL_RESOURCE_ATTRIBUTES cannot be used and so counts as unset, once if a plugin with a copy of the
  /// library of its own uses the recorder, and by a collection, on any thread, that had to correct the
  /// clock. Must outlive the recorder. Empty: a line on stderr.
  std::function<void(std::string_view)> warn = {};
};

}  // namespace querytap
