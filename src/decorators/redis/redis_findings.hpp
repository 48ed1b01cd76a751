#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/statement_identity.hpp>

#include <cstdint>
#include <memory>

namespace querytap {
class recorder;
}

namespace querytap::redis::detail {

// Findings that the client has evidence for. Each takes a lock and some allocations; without memory
// there is none.

/// A command runs in database 0, since redisReconnect() does not select the one of before.
void publish_lost_database(recorder& telemetry, int database, code_location site) noexcept;
void publish_keys(recorder& telemetry, code_location site) noexcept;
void publish_missing_expiry(recorder& telemetry, code_location site) noexcept;
void publish_large_reply(recorder& telemetry,
                         const std::shared_ptr<const statement_identity>& statement,
                         std::uint64_t bytes, code_location site) noexcept;

}  // namespace querytap::redis::detail
