#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/collector.hpp>
#include <querytap/servers/mongodb/mongodb_address.hpp>

#include <cstddef>

namespace querytap {

struct mongodb_collector_options {
  mongodb_address server = {};
  std::chrono::nanoseconds interval = std::chrono::seconds{15};
  std::size_t most_collections = 20;  ///< whose size and indexes are asked for
  std::size_t most_statements = 200;  ///< those that took longest
};

/// What one member of a MongoDB says of itself: serverStatus, sizes and index use of collections, and with
/// `$queryStats` what each shape of a query costs.
///
///     mongodb_collector chat{{.server = {.host = "db"}}};
///     collected found;
///     chat.collect(found, std::chrono::steady_clock::now() + 5s);
///
/// The user needs `clusterMonitor`, and `readAnyDatabase` for collections. What is missing without them is named
/// as unavailable.
///
/// Units    as the OpenTelemetry Collector's receiver for MongoDB has them.
/// Threads  as collector.
/// Cost     one connection that stays open, and one command. Collections and shapes are asked for, with two commands
///          for each collection, no sooner than after 200 times what that took: at most 0.5 % of the server's
///          time.
/// Errors   collect_error: the server did not answer in time, refuses, or cannot be reached.
/// Source   mongodb.com/docs/manual/reference/command/serverStatus, collStats, $indexStats, $queryStats; names of the
///          Collector's mongodbreceiver. Tested with replies that stand-ins for a server send, and not with a
///          mongod; the output of `$queryStats` is documented as subject to change.
class mongodb_collector final : public collector {
 public:
  explicit mongodb_collector(const mongodb_collector_options& options);
  ~mongodb_collector() override;

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::chrono::nanoseconds interval() const override;
  [[nodiscard]] attributes calls_to_join() const override;
  void collect(collected& found, deadline until) override;

 private:
  class state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/mongodb_server.hpp>
#endif
