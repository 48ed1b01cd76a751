#pragma once

#include <querytap/calls/detail/ledger.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// Records how long it took to connect, also when that fails: before there is a backend to ask. The name
/// of the system must last.
class connect_timer {
 public:
  connect_timer(recorder& telemetry, std::string_view system)
      : time_{telemetry.time()},
        duration_{telemetry.bind_histogram(
            catalog::phase_duration, {{"db.system.name", system}, {"querytap.phase", "connect"}})},
        in_request_{time_, phase::connect, system},
        begin_{time_.ticks()} {}
  connect_timer(const connect_timer&) = delete;
  connect_timer& operator=(const connect_timer&) = delete;
  ~connect_timer() { duration_.record(time_.nanoseconds_between(begin_, time_.ticks())); }

 private:
  const clock& time_;
  histogram duration_;
  ledger_phase in_request_;
  std::uint64_t begin_;
};

}  // namespace querytap::detail
