#include "rules_names.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <servers/host/host_instruments.hpp>
#include <servers/mongodb/mongodb_instruments.hpp>
#include <servers/mysql/mysql_instruments.hpp>
#include <servers/postgres/postgres_instruments.hpp>
#include <servers/redis/redis_instruments.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace ops_rules {
namespace {

namespace catalog = querytap::catalog;
using querytap::instrument;

struct metric_name {
  std::string_view name;
  const instrument* metric;
};

constexpr metric_name metric_names[] = {
    {"calls", &catalog::operation_duration},
    {"requests", &catalog::request_duration},
    {"slow_calls", &catalog::operation_slow},
    {"pool_count", &catalog::connection_count},
    {"pool_max", &catalog::connection_max},
    {"pool_pending", &catalog::connection_pending_requests},
    {"pool_timeouts", &catalog::connection_timeouts},
    {"pool_leaks", &catalog::pool_leaks},
    {"pool_unleaks", &catalog::pool_unleaks},
    {"findings", &catalog::finding_count},
    {"health", &catalog::health_status},
    {"source_age", &catalog::source_age},
    {"source_failures", &catalog::source_failures},
    {"dropped", &catalog::dropped},
    {"file_dropped", &catalog::file_dropped},
    {"overflow", &catalog::overflow},
    {"exported_points", &catalog::exporter_data_point_exported},
    {"exported_logs", &catalog::exporter_log_exported},
    {"exported_spans", &catalog::exporter_span_exported},
    {"cost", &catalog::gen_ai::cost},
    {"mongodb_lag", &catalog::mongodb::replica_lag},
    {"mysql_lag", &catalog::mysql::replica_lag},
    {"mysql_replica_running", &catalog::mysql::replica_running},
    {"postgres_replay_delay", &catalog::postgres::replay_delay},
    {"postgres_client_delay", &catalog::postgres::replication_delay},
    {"postgres_slots_lost", &catalog::postgres::slots_lost},
    {"postgres_transaction_age", &catalog::postgres::transaction_age},
    {"postgres_multixact_age", &catalog::postgres::multixact_age},
    {"redis_link_up", &catalog::redis::link_up},
    {"disk_used", &catalog::host::system_filesystem_utilization},
    {"disk_space", &catalog::host::system_filesystem_usage},
};

struct label_name {
  std::string_view name;
  std::string_view key;
};

/// The key, which does not compile if the metric does not have it.
consteval std::string_view key_of(const instrument& metric, std::string_view key) {
  if (std::ranges::find(metric.attributes, key) == metric.attributes.end()) {
    throw std::logic_error{"the metric has no such attribute"};
  }
  return key;
}

constexpr label_name label_names[] = {
    {"system", key_of(catalog::operation_duration, "db.system.name")},
    {"summary", key_of(catalog::operation_duration, "db.query.summary")},
    {"collection", key_of(catalog::operation_duration, "db.collection.name")},
    {"operation", key_of(catalog::operation_duration, "db.operation.name")},
    {"error", key_of(catalog::operation_duration, "error.type")},
    {"request", key_of(catalog::request_duration, "querytap.request.name")},
    {"pool", key_of(catalog::connection_count, "db.client.connection.pool.name")},
    {"pool_state", key_of(catalog::connection_count, "db.client.connection.state")},
    {"kind", key_of(catalog::finding_count, "querytap.finding.kind")},
    {"component", key_of(catalog::health_status, "querytap.component")},
    {"status", key_of(catalog::health_status, "querytap.health.status")},
    {"source", key_of(catalog::source_age, "querytap.source")},
    {"reason", key_of(catalog::dropped, "querytap.reason")},
    {"instrument", key_of(catalog::overflow, "querytap.instrument")},
    {"attribute", key_of(catalog::overflow, "querytap.attribute")},
    {"exporter", key_of(catalog::exporter_data_point_exported, "otel.component.name")},
    {"server", key_of(catalog::postgres::transaction_age, "server.address")},
    {"port", key_of(catalog::postgres::transaction_age, "server.port")},
    {"database", key_of(catalog::postgres::transaction_age, "postgresql.database.name")},
    {"client_operation", key_of(catalog::postgres::replication_delay, "operation")},
    {"mountpoint", key_of(catalog::host::system_filesystem_usage, "system.filesystem.mountpoint")},
    {"disk_state", key_of(catalog::host::system_filesystem_usage, "system.filesystem.state")},
};

std::map<std::string, std::string, std::less<>> all_names() {
  std::map<std::string, std::string, std::less<>> names;
  for (const metric_name& item : metric_names) {
    names.emplace(item.name, querytap::prometheus_name(*item.metric));
  }
  for (const label_name& item : label_names) {
    names.emplace(item.name, querytap::prometheus_label(item.key));
  }
  return names;
}

bool is_in_name(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

}  // namespace

std::string with_names(std::string_view text) {
  static const auto names = all_names();
  std::string result;
  while (true) {
    const std::size_t begin = text.find('<');
    result += text.substr(0, begin);
    if (begin == std::string_view::npos) return result;
    text.remove_prefix(begin + 1);
    const auto* const end = std::ranges::find_if_not(text, is_in_name);
    const std::string_view name{text.begin(), end};
    if (name.empty()) {  // a comparison
      result += '<';
      continue;
    }
    const auto found = names.find(name);
    if (end == text.end() || *end != '>' || found == names.end()) {
      throw std::logic_error{"no name for <" + std::string{name} + ">"};
    }
    result += found->second;
    text.remove_prefix(name.size() + 1);
  }
}

}  // namespace ops_rules
