#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/decorators/mongodb/observation.hpp>

#include <mongoc/mongoc.h>

#include <cstdint>
#include <string>

namespace querytap::mongodb {

namespace detail {
class client_lending;
}

struct pool_options {
  /// `db.client.connection.pool.name`, without secrets.
  std::string name;
  /// As libmongoc was told: it does not tell.
  std::uint32_t maximum = 100;
  observation_options commands = {};
};

/// A pool of libmongoc with its commands timed, and what it costs to get a client. libmongoc has no events for
/// that: the functions that lend and take back are found by the type of their handle.
///
///     mongodb::pool clients{recorder, native, {.name = "chat"}};      // was: mongoc_client_pool_t*
///     mongoc_client_t* client = mongoc_client_pool_pop(&clients);     // as ever
///     mongoc_client_pool_push(&clients, client);
///
/// A client is a connection to each server in the metrics of the conventions. That it is lent says nothing of its
/// sockets: those are opened by its first commands.
///
/// Threads  any number at once.
/// Cost     two clock reads, some records, and a look into a table of 256 places. No lock of ours.
/// Errors   those of libmongoc and observation.
/// Lifetime the recorder outlives it. The native pool may end before it or after it; it has lent no
///          client before.
class pool {
 public:
  pool(recorder& telemetry, mongoc_client_pool_t* native, const pool_options& options);
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool();

  [[nodiscard]] mongoc_client_pool_t* native() const noexcept { return native_; }
  /// Its commands and servers: for mongodb::call, and topology().
  [[nodiscard]] const observation& watched() const noexcept { return watched_; }

 private:
  friend mongoc_client_t* mongoc_client_pool_pop(pool* from) noexcept;
  friend mongoc_client_t* mongoc_client_pool_try_pop(pool* from) noexcept;
  friend void mongoc_client_pool_push(pool* into, mongoc_client_t* client) noexcept;

  mongoc_client_pool_t* const native_;
  observation watched_;
  const querytap::detail::pimpl<detail::client_lending> lending_;
};

/// What their namesakes do: waits for a client; null where `waitQueueTimeoutMS` is over.
[[nodiscard]] mongoc_client_t* mongoc_client_pool_pop(pool* from) noexcept;
/// Null where all clients are lent.
[[nodiscard]] mongoc_client_t* mongoc_client_pool_try_pop(pool* from) noexcept;
void mongoc_client_pool_push(pool* into, mongoc_client_t* client) noexcept;

}  // namespace querytap::mongodb
