#include "lost_session.hpp"

#include "../../calls/reports/report_hub.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/finding.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace querytap::postgres::detail {

void publish_lost_session(recorder& telemetry, int before, int after, code_location site) {
  if (!telemetry.enabled()) return;
  finding result{.kind = finding_kind::lost_session,
                 .system = std::string{database_systems::postgresql.name},
                 .site = site_of(site, telemetry.options().source_root)};
  result.message = fmt::format(
      "the session with server process {} ended, and libpqxx went on in a new one, {}, without an "
      "error",
      before, after);
  result.advice =
      "variables of set_variable() and prepared statements are there again; what SET, LISTEN or "
      "LOCK "
      "by exec(), temporary tables, advisory locks and cursors WITH HOLD made is gone: set the "
      "state "
      "up again after a broken_connection, or take a fresh connection";
  result.evidence.set({"server_pid_before", std::int64_t{before}});
  result.evidence.set({"server_pid", std::int64_t{after}});
  result.time = telemetry.time().wall();
  telemetry.part<querytap::detail::report_hub>().publish(std::move(result));
}

}  // namespace querytap::postgres::detail
