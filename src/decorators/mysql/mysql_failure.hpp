#pragma once

#include <querytap/base/outcome.hpp>

namespace querytap::mysql::detail {

/// How a call counts that ended with this number of the server, the client library or, for a file of
/// LOAD DATA LOCAL, the system.
[[nodiscard]] outcome outcome_of_number(unsigned number) noexcept;

/// Whether a number is the server's own.
[[nodiscard]] bool is_of_server(unsigned number) noexcept;

/// Whether the call spent its time waiting for a lock: a deadlock, and a time limit for locks.
[[nodiscard]] bool has_waited_for_lock(unsigned number) noexcept;

/// Whether the connection is lost with it.
[[nodiscard]] bool is_loss(unsigned number) noexcept;

}  // namespace querytap::mysql::detail
