#include "pool_table.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <map>
#include <utility>

namespace querytap::detail {
namespace {

using pools = std::map<std::string, pool_row>;

std::string text_of(const point& p, std::string_view key) {
  const attribute_value* value = p.series->labels.find(key);
  return value == nullptr ? std::string{} : to_string(*value);
}

pool_row& row_of(const point& p, pools& in) {
  std::string name = text_of(p, "db.client.connection.pool.name");
  pool_row& row = in[name];
  row.name = std::move(name);
  return row;
}

void add_numbers(const snapshot& from, const instrument& what, std::int64_t pool_row::*to,
                 pools& in) {
  for (const point& p : from.find(what.name)) row_of(p, in).*to += p.number;
}

void add_connections(const snapshot& from, pools& in) {
  for (const point& p : from.find(catalog::connection_count.name)) {
    const bool used = text_of(p, "db.client.connection.state") == "used";
    (used ? row_of(p, in).used : row_of(p, in).idle) += p.number;
  }
}

void add_wait(const snapshot& from, pools& in) {
  for (const point& p : from.find(catalog::connection_wait_time.name)) {
    std::optional<histogram_data>& wait = row_of(p, in).wait;
    if (wait.has_value()) {
      wait->merge(*p.histogram);
    } else {
      wait = *p.histogram;
    }
  }
}

}  // namespace

std::vector<pool_row> pool_table(const snapshot& from) {
  pools found;
  add_numbers(from, catalog::connection_max, &pool_row::maximum, found);
  add_numbers(from, catalog::connection_pending_requests, &pool_row::waiting, found);
  add_numbers(from, catalog::connection_timeouts, &pool_row::timeouts, found);
  add_connections(from, found);
  add_wait(from, found);
  std::vector<pool_row> table;
  for (auto& [name, row] : found) table.push_back(std::move(row));
  return table;
}

}  // namespace querytap::detail
