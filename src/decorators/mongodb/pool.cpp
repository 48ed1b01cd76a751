#include <querytap/decorators/mongodb/pool.hpp>

#include "client_lending.hpp"
#include "watcher.hpp"

#include <querytap/base/detail/features.hpp>
#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>

namespace querytap::mongodb {
namespace {

detail::client_lending* lending_of(recorder& telemetry, const pool_options& options) {
  if (options.name.empty()) throw configuration_error{"name", "", "expected a name for the pool"};
  if (!querytap::detail::is_compiled_in || !telemetry.enabled()) return nullptr;
  return new detail::client_lending{telemetry, options.name, options.maximum};
}

}  // namespace

pool::pool(recorder& telemetry, mongoc_client_pool_t* native, const pool_options& options)
    : native_{native},
      watched_{telemetry, native, options.commands},
      lending_{lending_of(telemetry, options)} {}

pool::~pool() = default;

mongoc_client_t* mongoc_client_pool_pop(pool* from) noexcept {
  detail::client_lending* const lending = from->lending_.get();
  if (lending == nullptr) return ::mongoc_client_pool_pop(from->native_);
  const std::uint64_t begin = lending->ticks();
  lending->wait_began();
  mongoc_client_t* const client = ::mongoc_client_pool_pop(from->native_);
  lending->wait_ended(begin, client);
  return client;
}

mongoc_client_t* mongoc_client_pool_try_pop(pool* from) noexcept {
  mongoc_client_t* const client = ::mongoc_client_pool_try_pop(from->native_);
  detail::client_lending* const lending = from->lending_.get();
  if (lending != nullptr && client != nullptr) lending->lent(lending->ticks(), client);
  return client;
}

// Before the push: another thread may have the client right after it.
void mongoc_client_pool_push(pool* into, mongoc_client_t* client) noexcept {
  if (detail::client_lending* const lending = into->lending_.get()) {
    into->watched_.settle();
    lending->given_back(client);
  }
  ::mongoc_client_pool_push(into->native_, client);
}

}  // namespace querytap::mongodb
