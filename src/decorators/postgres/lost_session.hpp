#pragma once

#include <querytap/base/code_location.hpp>

namespace querytap {
class recorder;
}

namespace querytap::postgres::detail {

/// A finding: the client went on with another session, of which the application was not told.
///
/// Cost     a lock and some allocations, beside the milliseconds of a new connection.
void publish_lost_session(recorder& telemetry, int before, int after, code_location site);

}  // namespace querytap::postgres::detail
