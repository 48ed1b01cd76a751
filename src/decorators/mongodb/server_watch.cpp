#include "server_watch.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace querytap::mongodb::detail {
namespace {

constexpr std::uint16_t default_mongodb_port = 27017;
constexpr std::size_t most_servers = 64;

}  // namespace

server_watch::server_watch(recorder& telemetry) : telemetry_{telemetry} {}

// Null for more servers than a deployment has.
server_watch::watched_server* server_watch::find(server_name name) {
  const auto known =
      std::find_if(servers_.begin(), servers_.end(), [&](const watched_server& each) {
        return each.port == name.port && each.address == name.address;
      });
  if (known != servers_.end()) return &*known;
  if (servers_.size() == most_servers) return nullptr;
  watched_server fresh{.address = std::string{name.address}, .port = name.port};
  fresh.duration = telemetry_.bind_histogram(catalog::mongodb_heartbeat_duration, labels_of(fresh));
  servers_.push_back(std::move(fresh));
  return &servers_.back();
}

attributes server_watch::labels_of(const watched_server& server) const {
  attributes labels{{"server.address", server.address}};
  if (server.port != 0 && server.port != default_mongodb_port) {
    labels.set({"server.port", server.port});
  }
  return labels;
}

void server_watch::heartbeat_began(server_name name) noexcept try {
  const std::lock_guard lock{mutex_};
  if (is_stopped_) return;
  if (watched_server* const server = find(name)) server->begin = telemetry_.time().ticks();
} catch (const std::exception&) {
  return;  // no memory
}

void server_watch::heartbeat_ended(server_name name, bool was_awaited,
                                   const outcome& failure) noexcept try {
  const std::lock_guard lock{mutex_};
  if (is_stopped_) return;
  watched_server* const server = find(name);
  if (server == nullptr) return;
  const std::uint64_t end = telemetry_.time().ticks();
  const std::uint64_t spent =
      telemetry_.time().nanoseconds_between(server->begin == 0 ? end : server->begin, end);
  server->begin = 0;
  if (failure.failed()) {
    ++server->failures;
    attributes labels = labels_of(*server);
    labels.set({"error.type", std::string{failure.error_type()}});
    telemetry_.bind_histogram(catalog::mongodb_heartbeat_duration, labels).record(spent);
    return;
  }
  server->failures = 0;
  if (was_awaited) return;
  server->round_trip = std::chrono::nanoseconds{static_cast<std::int64_t>(spent)};
  server->duration.record(spent);
} catch (const std::exception&) {
  return;  // no memory
}

void server_watch::changed(topology&& known) noexcept try {
  const std::lock_guard lock{mutex_};
  if (is_stopped_) return;
  telemetry_
      .bind_counter(catalog::mongodb_topology_changes,
                    {{"querytap.mongodb.topology.type", known.type}})
      .add();
  known.changes = topology_.changes + 1;
  topology_ = std::move(known);
} catch (const std::exception&) {
  return;  // no memory
}

void server_watch::closed(server_name name) noexcept {
  const std::lock_guard lock{mutex_};
  std::erase_if(servers_, [&](const watched_server& each) {
    return each.port == name.port && each.address == name.address;
  });
}

topology server_watch::latest() const {
  const std::lock_guard lock{mutex_};
  topology copy = topology_;
  for (const watched_server& known : servers_) {
    auto place =
        std::find_if(copy.servers.begin(), copy.servers.end(), [&](const server_state& each) {
          return each.port == known.port && each.address == known.address;
        });
    if (place == copy.servers.end()) {
      place = copy.servers.insert(
          place, {.address = known.address, .port = known.port, .type = "Unknown"});
    }
    place->round_trip = known.round_trip;
    place->failed_heartbeats = known.failures;
  }
  return copy;
}

void server_watch::stop() noexcept {
  const std::lock_guard lock{mutex_};
  is_stopped_ = true;
}

}  // namespace querytap::mongodb::detail
