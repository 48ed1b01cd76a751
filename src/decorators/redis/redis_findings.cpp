#include "redis_findings.hpp"

#include "../../calls/reports/report_hub.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/human.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/finding.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace querytap::redis::detail {
namespace {

template <class Describe>
void publish_if_enabled(recorder& telemetry, finding_kind kind, code_location site,
                        const Describe& describe) noexcept {
  if (!telemetry.enabled()) return;
  try {
    finding result{.kind = kind,
                   .system = std::string{database_systems::redis.name},
                   .site = site_of(site, telemetry.options().source_root)};
    describe(result);
    result.time = telemetry.time().wall();
    telemetry.part<querytap::detail::report_hub>().publish(std::move(result));
  } catch (const std::exception&) {
    return;  // no memory
  }
}

}  // namespace

void publish_lost_database(recorder& telemetry, int database, code_location site) noexcept {
  publish_if_enabled(telemetry, finding_kind::lost_session, site, [&](finding& result) {
    result.message = fmt::format(
        "after redisReconnect() a command ran in database 0; the session before was in database {}",
        database);
    result.advice =
        "after redisReconnect() send HELLO or AUTH and SELECT again before other commands: the "
        "new session has none of them, nor subscriptions, WATCH and the client's name";
    result.evidence.set({"database_before", std::int64_t{database}});
  });
}

void publish_keys(recorder& telemetry, code_location site) noexcept {
  publish_if_enabled(telemetry, finding_kind::keyspace_scan, site, [](finding& result) {
    result.message = "KEYS goes through all keys of the server, and nobody is served meanwhile";
    result.advice =
        "ask with SCAN, MATCH and COUNT, a part at a time; or keep a set of the keys that belong "
        "together";
  });
}

void publish_missing_expiry(recorder& telemetry, code_location site) noexcept {
  publish_if_enabled(telemetry, finding_kind::missing_expiry, site, [](finding& result) {
    result.message = "SET without an expiry, on a connection that says that all keys expire";
    result.advice = "add EX, or KEEPTTL where the key is to keep the one that it has";
  });
}

void publish_large_reply(recorder& telemetry,
                         const std::shared_ptr<const statement_identity>& statement,
                         std::uint64_t bytes, code_location site) noexcept {
  publish_if_enabled(telemetry, finding_kind::large_reply, site, [&](finding& result) {
    result.statement = statement;
    result.message = fmt::format("{} was answered with {} bytes at once", statement->summary,
                                 human_count(bytes));
    result.advice =
        "ask for a part: a range, or HSCAN, SSCAN or ZSCAN; while the server writes a large reply, "
        "other clients wait";
    result.evidence.set({"bytes", static_cast<std::int64_t>(bytes)});
  });
}

}  // namespace querytap::redis::detail
