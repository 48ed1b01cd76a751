#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {

class clock;

/// How a recorder is set up; every field has a good default.
struct recorder_options {
  /// `service.name`. Empty: OTEL_SERVICE_NAME, else `service.name` of OTEL_RESOURCE_ATTRIBUTES,
  /// else `unknown_service:` and the name of the program.
  std::string service_name = {};
  /// Most series of one instrument; further ones are counted in its overflow series.
  std::size_t series_limit = 2000;
  /// Most memory for cells of named series. Past it, records go to the overflow series.
  std::size_t byte_limit = std::size_t{64} << 20;
  /// A statement, request name or set of attributes that has not been used for this long is retired
  /// at the next collection: its last values have been exported, from then on they are part of the
  /// overflow series, and its memory is used again. A handle that was bound by name is never
  /// retired, nor is what a thread that makes no calls has used last.
  std::chrono::nanoseconds retire_idle_after = std::chrono::hours{1};
  /// Further bucket edges of every duration histogram, so that "how many within 200 ms" is exact.
  std::vector<std::chrono::nanoseconds> slo_thresholds = {};
  /// A request that takes longer is kept with its ledger, as is one that fails.
  std::chrono::nanoseconds slow_request = std::chrono::seconds{1};
  /// A request that calls one statement so often from one line is kept, and told as a finding.
  std::uint64_t n_plus_one_from = 5;
  /// Nothing is recorded, and decorators only pass calls on. OTEL_SDK_DISABLED=true says the same.
  bool disabled = false;
  /// Null: the process' own clock. Must outlive the recorder.
  const clock* time = nullptr;
  /// Told at construction of an OTEL_RESOURCE_ATTRIBUTES that cannot be used and so counts as unset;
  /// nothing secret is in it. Empty: a line on stderr.
  std::function<void(std::string_view)> warn = {};
};

}  // namespace querytap
