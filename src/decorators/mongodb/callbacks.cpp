#include "callbacks.hpp"

#include "mongoc_version.hpp"
#include "mongodb_failure.hpp"

#include <cstddef>
#include <exception>
#include <memory>

namespace querytap::mongodb::detail {
namespace {

watcher& watcher_of(void* context) noexcept { return *static_cast<watcher*>(context); }

std::string_view text_of_event(const char* text) noexcept {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

[[gnu::hot]] void QUERYTAP_MONGOC_CALL
command_started(const mongoc_apm_command_started_t* event) noexcept {
  const mongoc_host_list_t* const host = mongoc_apm_command_started_get_host(event);
  const std::string_view bytes = bytes_of(mongoc_apm_command_started_get_command(event));
  constexpr std::size_t size_of_nothing = 5;
  const char* const hidden_name =
      bytes.size() > size_of_nothing ? nullptr : mongoc_apm_command_started_get_command_name(event);
  watcher_of(mongoc_apm_command_started_get_context(event))
      .started({.name = text_of_event(hidden_name),
                .bytes = bytes,
                .database = text_of_event(mongoc_apm_command_started_get_database_name(event)),
                .host = host->host,
                .port = host->port,
                .request = mongoc_apm_command_started_get_request_id(event),
                .operation_number = mongoc_apm_command_started_get_operation_id(event)});
}

[[gnu::hot]] void QUERYTAP_MONGOC_CALL
command_succeeded(const mongoc_apm_command_succeeded_t* event) noexcept {
  watcher_of(mongoc_apm_command_succeeded_get_context(event))
      .ended({.reply = bytes_of(mongoc_apm_command_succeeded_get_reply(event)),
              .request = mongoc_apm_command_succeeded_get_request_id(event)});
}

void QUERYTAP_MONGOC_CALL command_failed(const mongoc_apm_command_failed_t* event) noexcept {
  bson_error_t error;
  mongoc_apm_command_failed_get_error(event, &error);
  watcher_of(mongoc_apm_command_failed_get_context(event))
      .ended({.reply = bytes_of(mongoc_apm_command_failed_get_reply(event)),
              .request = mongoc_apm_command_failed_get_request_id(event),
              .has_failed = true,
              .domain = error.domain,
              .code = error.code});
}

server_watch::server_name name_of_server(const mongoc_host_list_t* host) noexcept {
  return {host->host, host->port};
}

void QUERYTAP_MONGOC_CALL
heartbeat_started(const mongoc_apm_server_heartbeat_started_t* event) noexcept {
  watcher_of(mongoc_apm_server_heartbeat_started_get_context(event))
      .servers()
      .heartbeat_began(name_of_server(mongoc_apm_server_heartbeat_started_get_host(event)));
}

void QUERYTAP_MONGOC_CALL
heartbeat_succeeded(const mongoc_apm_server_heartbeat_succeeded_t* event) noexcept {
  watcher_of(mongoc_apm_server_heartbeat_succeeded_get_context(event))
      .servers()
      .heartbeat_ended(name_of_server(mongoc_apm_server_heartbeat_succeeded_get_host(event)),
                       mongoc_apm_server_heartbeat_succeeded_get_awaited(event), outcome::ok());
}

void QUERYTAP_MONGOC_CALL
heartbeat_failed(const mongoc_apm_server_heartbeat_failed_t* event) noexcept {
  bson_error_t error;
  mongoc_apm_server_heartbeat_failed_get_error(event, &error);
  watcher_of(mongoc_apm_server_heartbeat_failed_get_context(event))
      .servers()
      .heartbeat_ended(name_of_server(mongoc_apm_server_heartbeat_failed_get_host(event)),
                       mongoc_apm_server_heartbeat_failed_get_awaited(event),
                       outcome_of_error(error.domain, error.code));
}

topology topology_of(const mongoc_topology_description_t* description) {
  topology made{.type = mongoc_topology_description_type(description)};
  std::size_t count = 0;
  mongoc_server_description_t** const servers =
      mongoc_topology_description_get_servers(description, &count);
  const auto destroy = [count](mongoc_server_description_t** all) {
    mongoc_server_descriptions_destroy_all(all, count);
  };
  const std::unique_ptr<mongoc_server_description_t*, decltype(destroy)> end{servers, destroy};
  for (std::size_t i = 0; i < count; ++i) {
    const auto* const host =
        mongoc_server_description_host(const_cast<mongoc_server_description_t*>(servers[i]));
    made.servers.push_back({.address = host->host,
                            .port = host->port,
                            .type = mongoc_server_description_type(servers[i])});
  }
  return made;
}

void QUERYTAP_MONGOC_CALL topology_changed(const mongoc_apm_topology_changed_t* event) noexcept
    try {
  watcher_of(mongoc_apm_topology_changed_get_context(event))
      .servers()
      .changed(topology_of(mongoc_apm_topology_changed_get_new_description(event)));
} catch (const std::exception&) {
  return;  // no memory
}

void QUERYTAP_MONGOC_CALL server_closed(const mongoc_apm_server_closed_t* event) noexcept {
  watcher_of(mongoc_apm_server_closed_get_context(event))
      .servers()
      .closed(name_of_server(mongoc_apm_server_closed_get_host(event)));
}

// The last event that there is.
void QUERYTAP_MONGOC_CALL topology_closed(const mongoc_apm_topology_closed_t* event) noexcept {
  watcher_of(mongoc_apm_topology_closed_get_context(event)).client_ended();
}

using callbacks = std::unique_ptr<mongoc_apm_callbacks_t, decltype(&mongoc_apm_callbacks_destroy)>;

callbacks make_callbacks() noexcept {
  callbacks made{mongoc_apm_callbacks_new(), &mongoc_apm_callbacks_destroy};
  mongoc_apm_set_command_started_cb(made.get(), &command_started);
  mongoc_apm_set_command_succeeded_cb(made.get(), &command_succeeded);
  mongoc_apm_set_command_failed_cb(made.get(), &command_failed);
  mongoc_apm_set_server_heartbeat_started_cb(made.get(), &heartbeat_started);
  mongoc_apm_set_server_heartbeat_succeeded_cb(made.get(), &heartbeat_succeeded);
  mongoc_apm_set_server_heartbeat_failed_cb(made.get(), &heartbeat_failed);
  mongoc_apm_set_topology_changed_cb(made.get(), &topology_changed);
  mongoc_apm_set_server_closed_cb(made.get(), &server_closed);
  mongoc_apm_set_topology_closed_cb(made.get(), &topology_closed);
  return made;
}

}  // namespace

bool install(watcher& watcher, mongoc_client_t* client) noexcept {
  return mongoc_client_set_apm_callbacks(client, make_callbacks().get(), &watcher);
}

bool install(watcher& watcher, mongoc_client_pool_t* pool) noexcept {
  return mongoc_client_pool_set_apm_callbacks(pool, make_callbacks().get(), &watcher);
}

}  // namespace querytap::mongodb::detail
