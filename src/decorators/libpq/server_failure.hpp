#pragma once

#include <querytap/base/outcome.hpp>

#include <libpq-fe.h>

namespace querytap::libpq::detail {

struct server_failure {
  querytap::outcome outcome;
  bool waited_for_lock = false;
};

/// Whether a call ended in failure: by the result that ended it, which is null where libpq refused
/// the call.
[[nodiscard]] bool is_failure(const PGresult* result) noexcept;

/// How such a call failed: by the server's SQLSTATE, or else by the state of the connection.
[[nodiscard]] server_failure failure_of(const PGconn* db, const PGresult* result) noexcept;

/// How a connection failed that could not be made. libpq has no SQLSTATE of that, only a text, of
/// which an English one is recognised.
[[nodiscard]] outcome failure_to_connect(const PGconn* db) noexcept;

}  // namespace querytap::libpq::detail
