#pragma once

#include "../../calls/fitting_bounds.hpp"

#include <querytap/calls/detail/ledger_phase.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// Records the time that connecting takes, also where connecting fails. A backend does not exist
/// yet: its options are known only after connecting.
///
/// Lifetime the text of `system` must outlive the recorder.
class connect_timer {
 public:
  connect_timer(recorder& telemetry, std::string_view system)
      : time_{telemetry.time()},
        duration_{
            telemetry.bind_histogram(with_fitting_bounds(catalog::phase_duration, system),
                                     {{"db.system.name", system}, {"querytap.phase", "connect"}})},
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
