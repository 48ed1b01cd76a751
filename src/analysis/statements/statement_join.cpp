#include "statement_join.hpp"

#include "../../snapshot/matching_labels.hpp"

#include <querytap/snapshot/call_convention.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace querytap::detail {
namespace {

std::string database_in(const attributes& labels) {
  const attribute_value* const name = labels.find("db.namespace");
  return name == nullptr ? std::string{} : to_string(*name);
}

using optional_count = std::optional<std::uint64_t>;

void add_rise(const optional_count& before, const optional_count& after, optional_count& sum) {
  if (!after.has_value()) return;
  const std::uint64_t at_begin = before.value_or(0);
  sum = sum.value_or(0) + (*after >= at_begin ? *after - at_begin : *after);
}

// Numbers of which one has fallen were reset, all of them: the rise is what they count since then.
void add_rise(const server_statement& before, const server_statement& after,
              server_statement& sum) {
  sum.calls += after.calls - before.calls;
  sum.time += after.time - before.time;
  add_rise(before.rows, after.rows, sum.rows);
  add_rise(before.examined, after.examined, sum.examined);
  add_rise(before.blocks_read, after.blocks_read, sum.blocks_read);
  add_rise(before.blocks_hit, after.blocks_hit, sum.blocks_hit);
  add_rise(before.spilled_bytes, after.spilled_bytes, sum.spilled_bytes);
  add_rise(before.errors, after.errors, sum.errors);
}

}  // namespace

client_statements client_statements_of(const snapshot& recorded, const attributes& labels) {
  client_statements result;
  for (const auto& metric : recorded.metrics) {
    if (!is_call_duration(*metric->instrument)) continue;
    for (const point& p : metric->points) {
      if (p.statement == nullptr || p.histogram == nullptr) continue;
      if (!has_labels(p.series->labels, labels)) continue;
      client_statement& sum = result[{database_in(p.series->labels), p.statement->fingerprint}];
      if (sum.summary.empty()) sum.summary = p.statement->summary;
      sum.calls += p.histogram->count();
      sum.time += std::chrono::nanoseconds{static_cast<std::int64_t>(p.histogram->sum())};
      if (p.series->labels.find("error.type") != nullptr) sum.failures += p.histogram->count();
    }
  }
  for (const active_call& call : recorded.active) {
    if (call.statement == nullptr || !has_labels(call.series->labels, labels)) continue;
    client_statement& sum = result[{database_in(call.series->labels), call.statement->fingerprint}];
    sum.summary = call.statement->summary;
    ++sum.running;
  }
  return result;
}

std::vector<joined_statement> statement_join::look(const std::vector<server_statement>& statements,
                                                   const client_statements& before,
                                                   const client_statements& after,
                                                   std::size_t most) {
  if (!has_looked_) client_at_first_ = after;
  const client_statements& least = has_looked_ ? before : after;
  for (auto& [place, known] : known_) known.is_seen = false;
  for (const server_statement& seen : statements) take(seen);
  has_looked_ = true;
  std::vector<joined_statement> result;
  for (auto& [place, known] : known_) {
    // What the server has dropped begins anew if it comes back.
    if (!known.is_seen)
      known.last = {.statement = known.last.statement, .database = known.last.database};
    joined_statement row = joined(place, known, least, after);
    if (row.server.calls != 0 || row.client_calls != 0) result.push_back(std::move(row));
  }
  const auto cost = [](const joined_statement& row) {
    return std::max(row.server.time, row.client_time);
  };
  std::ranges::stable_sort(result, [&](const auto& a, const auto& b) { return cost(a) > cost(b); });
  if (result.size() > most) result.resize(most);
  return result;
}

void statement_join::take(const server_statement& seen) {
  if (seen.statement == nullptr) return;
  const auto [place, is_new] = known_.try_emplace({seen.database, seen.statement->fingerprint});
  known_statement& known = place->second;
  if (is_new) {
    known.counted = {.statement = seen.statement,
                     .database = seen.database,
                     .is_whole_operation = seen.is_whole_operation};
    known.last = has_looked_ ? known.counted : seen;
  }
  if (seen.calls < known.last.calls || seen.time < known.last.time) {
    known.was_reset = true;
    known.last = {};
  }
  add_rise(known.last, seen, known.counted);
  known.last = seen;
  known.is_seen = true;
}

client_statement statement_join::since_first_look(const client_statements& total,
                                                  const statement_place& place,
                                                  const server_statement& counted_there) const {
  client_statement sum;
  const auto add = [&](const statement_place& key, const client_statement& counted) {
    client_statement first;
    const auto known = client_at_first_.find(key);
    if (known != client_at_first_.end()) first = known->second;
    // Series that were retired as idle count anew.
    if (counted.calls < first.calls) first = {};
    sum.calls += counted.calls - first.calls;
    sum.failures += counted.failures - std::min(first.failures, counted.failures);
    sum.time += counted.time - std::min(first.time, counted.time);
    sum.running += counted.running;
  };
  if (!place.first.empty() && !counted_there.is_whole_operation) {
    const auto exact = total.find(place);
    if (exact != total.end()) add(place, exact->second);
    return sum;
  }
  for (const auto& [key, counted] : total) {
    const bool is_same = counted_there.is_whole_operation
                             ? counted.summary == counted_there.statement->summary
                             : key.second == place.second;
    // Where the server does not say in which database, all of them count.
    if (is_same && (place.first.empty() || key.first == place.first)) add(key, counted);
  }
  return sum;
}

std::string statement_join::remark_on(std::uint64_t server_calls, std::uint64_t least,
                                      std::uint64_t most, const known_statement& known) {
  if (server_calls > most) {
    return fmt::format("{} made {} or more of the server's calls",
                       known.counted.is_whole_operation
                           ? "other clients, pipelines, transactions or scripts"
                           : "other clients",
                       server_calls - most);
  }
  if (server_calls >= least) return {};
  return known.was_reset ? "the server's numbers were reset since the first look: it was "
                           "restarted, or they were cleared"
                         : "the server counts fewer calls: it has dropped the statement for a "
                           "while, or does not count all "
                           "that it executes";
}

joined_statement statement_join::joined(const statement_place& place, const known_statement& known,
                                        const client_statements& before,
                                        const client_statements& after) const {
  const client_statement least = since_first_look(before, place, known.counted);
  const client_statement most = since_first_look(after, place, known.counted);
  joined_statement row{
      .server = known.counted, .client_calls = most.calls, .client_time = most.time};
  // Failed calls are counted by some servers, and calls that run by none or all.
  row.remark = remark_on(known.counted.calls, least.calls - std::min(least.calls, least.failures),
                         most.calls + most.running, known);
  return row;
}

}  // namespace querytap::detail
