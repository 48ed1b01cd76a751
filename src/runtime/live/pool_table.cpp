#include "pool_table.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <map>
#include <utility>

namespace querytap::detail {
namespace {

using pool_rows = std::map<std::string, pool_row>;

std::string label_text_of(const point& point, std::string_view key) {
  const attribute_value* value = point.series->labels.find(key);
  return value == nullptr ? std::string{} : to_string(*value);
}

pool_row& pool_row_of(const point& point, pool_rows& pools) {
  std::string name = label_text_of(point, "db.client.connection.pool.name");
  pool_row& row = pools[name];
  row.name = std::move(name);
  return row;
}

void add_numbers(const snapshot& snapshot, const instrument& instrument,
                 std::int64_t pool_row::*member, pool_rows& pools) {
  for (const point& point : snapshot.find(instrument.name))
    pool_row_of(point, pools).*member += point.number;
}

void add_connections(const snapshot& snapshot, pool_rows& pools) {
  for (const point& point : snapshot.find(catalog::connection_count.name)) {
    const bool used = label_text_of(point, "db.client.connection.state") == "used";
    (used ? pool_row_of(point, pools).used : pool_row_of(point, pools).idle) += point.number;
  }
}

void add_wait(const snapshot& snapshot, pool_rows& pools) {
  for (const point& point : snapshot.find(catalog::connection_wait_time.name)) {
    std::optional<histogram_data>& wait = pool_row_of(point, pools).wait;
    if (wait.has_value()) {
      wait->merge(*point.histogram);
    } else {
      wait = *point.histogram;
    }
  }
}

}  // namespace

std::vector<pool_row> pool_table(const snapshot& snapshot) {
  pool_rows rows;
  add_numbers(snapshot, catalog::connection_max, &pool_row::maximum, rows);
  add_numbers(snapshot, catalog::connection_pending_requests, &pool_row::waiting, rows);
  add_numbers(snapshot, catalog::connection_timeouts, &pool_row::timeouts, rows);
  add_connections(snapshot, rows);
  add_wait(snapshot, rows);
  std::vector<pool_row> table;
  for (auto& [name, row] : rows) table.push_back(std::move(row));
  return table;
}

}  // namespace querytap::detail
