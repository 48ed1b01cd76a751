#include <querytap/servers/mongodb/mongodb_collector.hpp>

#include "mongodb_collections.hpp"
#include "mongodb_instruments.hpp"
#include "mongodb_judgement.hpp"
#include "mongodb_session.hpp"
#include "mongodb_shapes.hpp"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace querytap {
namespace detail {
namespace {

namespace mongodb_metrics = catalog::mongodb;

struct mongodb_field {
  const instrument* metric;
  std::string_view path;
  std::string_view key = {};
  std::string_view value = {};
  std::int64_t factor = 1;  // from the server's unit to the instrument's
};

// A table reads as a table.
// clang-format off
constexpr mongodb_field fields_of_server_status[] = {
    {&mongodb_metrics::uptime, "uptimeMillis"},
    {&mongodb_metrics::connection_count, "connections.active", "type", "active"},
    {&mongodb_metrics::connection_count, "connections.available", "type", "available"},
    {&mongodb_metrics::connection_count, "connections.current", "type", "current"},
    {&mongodb_metrics::connections_created, "connections.totalCreated"},
    {&mongodb_metrics::memory_usage, "mem.resident", "type", "resident", 1048576},
    {&mongodb_metrics::memory_usage, "mem.virtual", "type", "virtual", 1048576},
    {&mongodb_metrics::operation_count, "opcounters.insert", "operation", "insert"},
    {&mongodb_metrics::operation_count, "opcounters.query", "operation", "query"},
    {&mongodb_metrics::operation_count, "opcounters.update", "operation", "update"},
    {&mongodb_metrics::operation_count, "opcounters.delete", "operation", "delete"},
    {&mongodb_metrics::operation_count, "opcounters.getmore", "operation", "getmore"},
    {&mongodb_metrics::operation_count, "opcounters.command", "operation", "command"},
    {&mongodb_metrics::operation_repl_count, "opcountersRepl.insert", "operation", "insert"},
    {&mongodb_metrics::operation_repl_count, "opcountersRepl.query", "operation", "query"},
    {&mongodb_metrics::operation_repl_count, "opcountersRepl.update", "operation", "update"},
    {&mongodb_metrics::operation_repl_count, "opcountersRepl.delete", "operation", "delete"},
    {&mongodb_metrics::operation_repl_count, "opcountersRepl.getmore", "operation", "getmore"},
    {&mongodb_metrics::operation_repl_count, "opcountersRepl.command", "operation", "command"},
    {&mongodb_metrics::operation_time, "opLatencies.reads.latency", "operation", "read"},
    {&mongodb_metrics::operation_time, "opLatencies.writes.latency", "operation", "write"},
    {&mongodb_metrics::operation_time, "opLatencies.commands.latency", "operation", "command"},
    {&mongodb_metrics::operation_timed, "opLatencies.reads.ops", "operation", "read"},
    {&mongodb_metrics::operation_timed, "opLatencies.writes.ops", "operation", "write"},
    {&mongodb_metrics::operation_timed, "opLatencies.commands.ops", "operation", "command"},
    {&mongodb_metrics::document_count, "metrics.document.inserted", "operation", "inserted"},
    {&mongodb_metrics::document_count, "metrics.document.updated", "operation", "updated"},
    {&mongodb_metrics::document_count, "metrics.document.deleted", "operation", "deleted"},
    {&mongodb_metrics::document_count, "metrics.document.returned", "operation", "returned"},
    {&mongodb_metrics::cursor_count, "metrics.cursor.open.total"},
    {&mongodb_metrics::cursor_timeouts, "metrics.cursor.timedOut"},
    {&mongodb_metrics::network_received, "network.bytesIn"},
    {&mongodb_metrics::network_sent, "network.bytesOut"},
    {&mongodb_metrics::network_requests, "network.numRequests"},
    {&mongodb_metrics::cache_size, "wiredTiger.cache.maximum bytes configured", "type", "limit"},
    {&mongodb_metrics::cache_size, "wiredTiger.cache.bytes currently in the cache", "type", "used"},
    {&mongodb_metrics::cache_size, "wiredTiger.cache.tracked dirty bytes in the cache", "type", "dirty"},
    {&mongodb_metrics::page_faults, "extra_info.page_faults"},
    {&mongodb_metrics::lock_time, "globalLock.totalTime"},
    {&mongodb_metrics::lock_queue, "globalLock.currentQueue.readers", "type", "reader"},
    {&mongodb_metrics::lock_queue, "globalLock.currentQueue.writers", "type", "writer"},
    {&mongodb_metrics::asserts, "asserts.regular", "type", "regular"},
    {&mongodb_metrics::asserts, "asserts.warning", "type", "warning"},
    {&mongodb_metrics::asserts, "asserts.msg", "type", "msg"},
    {&mongodb_metrics::asserts, "asserts.user", "type", "user"},
    {&mongodb_metrics::asserts, "asserts.rollovers", "type", "rollovers"},
    {&mongodb_metrics::scanned, "metrics.queryExecutor.scanned", "type", "key"},
    {&mongodb_metrics::scanned, "metrics.queryExecutor.scannedObjects", "type", "document"},
    {&mongodb_metrics::collection_scans, "metrics.queryExecutor.collectionScans.total"},
    {&mongodb_metrics::write_conflicts, "metrics.operation.writeConflicts"},
    {&mongodb_metrics::session_count, "logicalSessionRecordCache.activeSessionsCount"},
    {&mongodb_metrics::transactions, "transactions.currentOpen"},
    {&mongodb_metrics::ttl_deleted, "metrics.ttl.deletedDocuments"},
};
// clang-format on

// Of every interval: 0.5 % of the server's time at most.
constexpr int pause_of_collections = 200;

}  // namespace
}  // namespace detail

class mongodb_collector::state {
 public:
  explicit state(const mongodb_collector_options& options)
      : options_{options}, session_{options.server}, collections_{options.most_collections} {}

  [[nodiscard]] const mongodb_collector_options& options() const noexcept { return options_; }

  void collect(collected& found, deadline until) {
    found.set_common(detail::labels_of(options_.server));
    const detail::mongodb_document status = session_.ask("admin", R"({"serverStatus": 1})", until);
    add_server(found, status);
    add_fields(found, status);
    add_cache(found, status);
    if (status.has("repl.setName")) add_replication(found, until);
    add_slow_parts(found, until);
  }

 private:
  static void add_server(collected& found, const detail::mongodb_document& status) {
    found.add(catalog::mongodb::server_info, 1, {{"mongodb.version", status.text("version")}});
    if (!status.has("repl.setName")) return;
    const char* const role = status.is_true("repl.isWritablePrimary") ? "primary"
                             : status.is_true("repl.secondary")       ? "secondary"
                                                                      : "other";
    found.add(catalog::mongodb::member, 1, {{"mongodb.member.role", role}});
  }

  static void add_fields(collected& found, const detail::mongodb_document& status) {
    std::set<std::string_view> lacking;
    for (const detail::mongodb_field& field : detail::fields_of_server_status) {
      const auto number = status.number(field.path);
      if (!number) {
        if (lacking.insert(field.metric->name).second) {
          found.lacks(std::string{field.metric->name},
                      fmt::format("the server does not report {}", field.path));
        }
        continue;
      }
      attributes labels;
      if (!field.key.empty()) labels.set({field.key, field.value});
      found.add(*field.metric, *number * field.factor, labels);
    }
  }

  static void add_cache(collected& found, const detail::mongodb_document& status) {
    const auto read = status.number("wiredTiger.cache.pages read into cache");
    const auto requested = status.number("wiredTiger.cache.pages requested from the cache");
    if (read && requested) {
      found.add(catalog::mongodb::cache_operations, *read, {{"type", "miss"}});
      found.add(catalog::mongodb::cache_operations, *requested - *read, {{"type", "hit"}});
    }
    for (const std::string_view type : {"read", "write"}) {
      // The second is that of 8.0.
      auto tickets =
          status.number(fmt::format("wiredTiger.concurrentTransactions.{}.available", type));
      if (!tickets) tickets = status.number(fmt::format("queues.execution.{}.available", type));
      found.add(catalog::mongodb::tickets, tickets, {{"type", type}});
    }
  }

  void add_replication(collected& found, deadline until) {
    try {
      const auto behind = detail::milliseconds_behind_primary(
          session_.ask("admin", R"({"replSetGetStatus": 1})", until));
      if (behind) found.add(catalog::mongodb::replica_lag, static_cast<double>(*behind) / 1000);
    } catch (const detail::refused_by_mongodb& refusal) {
      found.lacks(std::string{catalog::mongodb::replica_lag.name}, reason_of(refusal));
    }
  }

  void add_slow_parts(collected& found, deadline until) {
    const auto begin = std::chrono::steady_clock::now();
    if (begin >= next_slow_parts_) {
      lack_of_slow_parts_.clear();
      try {
        collections_.read(session_, until);
        read_shapes(until);
        for (const server_statement& statement : statements_) found.add(statement);
        if (lack_of_shapes_.empty())
          found.set_statements_read(statements_.size() < options_.most_statements);
      } catch (const detail::mongodb_trouble& trouble) {
        // They are what takes long: the other numbers are not lost with them.
        lack_of_slow_parts_ = trouble.what();
      }
      const auto end = std::chrono::steady_clock::now();
      next_slow_parts_ = end + detail::pause_of_collections * (end - begin);
    }
    collections_.add_to(found);
    if (!lack_of_shapes_.empty()) found.lacks("statements", lack_of_shapes_);
    if (!lack_of_slow_parts_.empty()) found.lacks("mongodb.collections", lack_of_slow_parts_);
  }

  void read_shapes(deadline until) {
    statements_.clear();
    lack_of_shapes_.clear();
    try {
      const detail::mongodb_document shapes = session_.ask(
          "admin",
          R"({"aggregate": 1, "pipeline": [{"$queryStats": {}}, {"$sort": {"metrics.totalExecMicros.sum": -1}}, )"
          R"({"$limit": 1000}], "cursor": {"batchSize": 1000}})",
          until);
      statements_ =
          detail::statements_of_shapes(shapes.list("cursor.firstBatch"), options_.most_statements);
    } catch (const detail::refused_by_mongodb& refusal) {
      lack_of_shapes_ = refusal.is_lack_of_right()
                            ? "needs the role clusterMonitor"
                            : "the server has no $queryStats, which is a part of MongoDB Atlas";
    }
  }

  static std::string reason_of(const detail::refused_by_mongodb& refusal) {
    return refusal.is_lack_of_right() ? "needs the role clusterMonitor" : refusal.what();
  }

  const mongodb_collector_options options_;
  detail::mongodb_session session_;
  detail::mongodb_collections collections_;
  std::vector<server_statement> statements_;
  std::string lack_of_shapes_;
  std::string lack_of_slow_parts_;
  std::chrono::steady_clock::time_point next_slow_parts_ = {};
};

mongodb_collector::mongodb_collector(const mongodb_collector_options& options)
    : state_{new state{options}} {}
mongodb_collector::~mongodb_collector() = default;

std::string mongodb_collector::name() const {
  const mongodb_address& server = state_->options().server;
  return fmt::format("mongodb {}:{}", server.host, server.port);
}

std::chrono::nanoseconds mongodb_collector::interval() const { return state_->options().interval; }

attributes mongodb_collector::calls_to_join() const {
  return detail::labels_of(state_->options().server);
}

void mongodb_collector::collect(collected& found, deadline until) {
  try {
    state_->collect(found, until);
  } catch (const detail::refused_by_mongodb& refusal) {
    throw collect_error{refusal.is_lack_of_right() ? "serverStatus needs the role clusterMonitor"
                                                   : refusal.what()};
  } catch (const detail::mongodb_trouble& trouble) {
    throw collect_error{trouble.what()};
  }
}

}  // namespace querytap
