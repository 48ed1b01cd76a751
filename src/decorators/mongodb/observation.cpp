#include <querytap/decorators/mongodb/observation.hpp>

#include "../common/connect_timer.hpp"
#include "callbacks.hpp"
#include "watcher.hpp"

#include <querytap/base/detail/features.hpp>
#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>

namespace querytap::mongodb {
namespace {

// A watcher has two owners: the second is the client, once it has the callbacks.
template <class Handle>
detail::watcher* watch(recorder& telemetry, Handle* handle, const observation_options& options,
                       const char* reason) {
  if (!querytap::detail::is_compiled_in || !telemetry.enabled()) return nullptr;
  auto* const made = new detail::watcher{telemetry, options};
  if (detail::install(*made, handle)) return made;
  made->client_ended();
  made->observation_ended();
  throw configuration_error{"client", "", reason};
}

}  // namespace

observation::observation(recorder& telemetry, mongoc_client_t* client,
                         const observation_options& options)
    : watcher_{watch(telemetry, client, options,
                     "expected a client that no pool has lent: observe the pool")} {}

observation::observation(recorder& telemetry, mongoc_client_pool_t* pool,
                         const observation_options& options)
    : watcher_{watch(telemetry, pool, options,
                     "expected a pool without callbacks that has not lent a client")} {}

observation::~observation() {
  if (watcher_ != nullptr) watcher_->observation_ended();
}

topology observation::topology() const {
  return watcher_ != nullptr ? watcher_->servers().latest() : mongodb::topology{};
}

void observation::settle() const noexcept {
  if (watcher_ != nullptr) watcher_->settle_attempt();
}

bool connect(recorder& telemetry, mongoc_client_t* client, bson_error_t* error) {
  const querytap::detail::connect_timer timer{telemetry, "mongodb"};
  mongoc_server_description_t* const found =
      mongoc_client_select_server(client, false, nullptr, error);
  mongoc_server_description_destroy(found);
  return found != nullptr;
}

}  // namespace querytap::mongodb
