#include "statement_join.hpp"

#include "../../snapshot/matching_labels.hpp"

#include <querytap/snapshot/call_convention.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace querytap::detail {
namespace {

// A statement that was dropped, and that the application does not call, is remembered for so many looks.
constexpr int most_looks_unseen = 10;

std::string database_in(const attributes& labels) {
  const attribute_value* const name = labels.find("db.namespace");
  return name == nullptr ? std::string{} : to_string(*name);
}

using optional_count = std::optional<std::uint64_t>;

void add_rise(const optional_count& before, const optional_count& after, optional_count& sum) {
  if (!after.has_value()) return;
  const std::uint64_t at_begin = before.value_or(0);
  sum = sum.value_or(0) + (*after >= at_begin ? *after - at_begin : 0);
}

void add_rise(const server_statement& before, const server_statement& after,
              server_statement& sum) {
  sum.calls += after.calls - before.calls;
  sum.time += std::max(std::chrono::nanoseconds{0}, after.time - before.time);
  add_rise(before.rows, after.rows, sum.rows);
  add_rise(before.examined, after.examined, sum.examined);
  add_rise(before.blocks_read, after.blocks_read, sum.blocks_read);
  add_rise(before.blocks_hit, after.blocks_hit, sum.blocks_hit);
  add_rise(before.spilled_bytes, after.spilled_bytes, sum.spilled_bytes);
  add_rise(before.errors, after.errors, sum.errors);
}

void add(const call_counts& part, call_counts& sum) {
  sum.calls += part.calls;
  sum.failures += part.failures;
  sum.time += part.time;
}

// A series whose number fell was retired, and counts from nothing.
call_counts rise_of(const client_statement& before, const client_statement& after) {
  call_counts sum;
  for (const auto& [series, counted] : after.by_series) {
    const auto known = before.by_series.find(series);
    const bool goes_on = known != before.by_series.end() && known->second.calls <= counted.calls;
    const call_counts at_begin = goes_on ? known->second : call_counts{};
    sum.calls += counted.calls - at_begin.calls;
    sum.failures += counted.failures - std::min(at_begin.failures, counted.failures);
    sum.time += counted.time - std::min(at_begin.time, counted.time);
  }
  return sum;
}

client_statement client_statement_at(const client_statements& all, const statement_place& place) {
  const auto known = all.find(place);
  return known == all.end() ? client_statement{} : known->second;
}

void add_row_without_text(const server_statement& sum, std::string_view remark,
                          std::vector<joined_statement>& rows) {
  if (sum.calls != 0) rows.push_back({.server = sum, .remark = std::string{remark}});
}

}  // namespace

client_statements client_statements_of(const snapshot& recorded, const attributes& labels) {
  client_statements result;
  const auto entry_of =
      [&](const series_identity& series,
          const std::shared_ptr<const statement_identity>& statement) -> client_statement& {
    client_statement& entry =
        result[{database_in(series.labels), statement == nullptr ? 0 : statement->fingerprint}];
    if (statement != nullptr && entry.summary.empty()) entry.summary = statement->summary;
    return entry;
  };
  for (const auto& metric : recorded.metrics) {
    if (!is_call_duration(*metric->instrument)) continue;
    for (const point& p : metric->points) {
      if (p.histogram == nullptr || !has_labels(p.series->labels, labels)) continue;
      call_counts& sum = entry_of(*p.series, p.statement).by_series[p.series];
      sum.calls += p.histogram->count();
      sum.time += std::chrono::nanoseconds{static_cast<std::int64_t>(p.histogram->sum())};
      if (p.series->labels.find("error.type") != nullptr) sum.failures += p.histogram->count();
    }
  }
  for (const active_call& call : recorded.active) {
    if (has_labels(call.series->labels, labels)) ++entry_of(*call.series, call.statement).running;
  }
  return result;
}

std::vector<joined_statement> statement_join::look(const server_look& look, std::size_t most) {
  take_statements(look);
  std::vector<joined_statement> rows;
  server_statement others;
  server_statement own;
  std::map<statement_place, client_bounds> bounds;
  const client_statements& before = has_looked_ ? look.before : look.after;
  for (const auto& [place, counted] : before) clients_[place].summary = counted.summary;
  for (const auto& [place, known] : known_) {
    bounds.emplace(place, bounds_of(place, known.counted, before));
  }
  take_clients(look);
  for (const auto& [place, known] : known_) {
    client_bounds client = bounds_of(place, known.counted, look.after);
    client.least = bounds.at(place).least;
    const bool is_own = look.is_own != nullptr && look.is_own(known.counted);
    if (client.counted.calls != 0) {
      rows.push_back({.server = known.counted,
                      .client_calls = client.counted.calls,
                      .client_time = client.counted.time,
                      .remark = remark_on(known, client, is_own)});
    } else {
      server_statement& sum = is_own ? own : others;
      sum.calls += known.counted.calls;
      sum.time += known.counted.time;
    }
  }
  has_looked_ = true;
  forget_dropped();
  const auto cost = [](const joined_statement& row) {
    return std::max(row.server.time, row.client_time);
  };
  std::ranges::stable_sort(rows, [&](const auto& a, const auto& b) { return cost(a) > cost(b); });
  if (rows.size() > most) rows.resize(most);
  add_row_without_text(others, "statements that this application has not called", rows);
  add_row_without_text(own, "querytap's own questions", rows);
  return rows;
}

void statement_join::take_clients(const server_look& look) {
  for (const auto& [place, counted] : look.after) {
    known_client& client = clients_[place];
    client.summary = counted.summary;
    if (!has_looked_) {
      client.first = rise_of(client_statement_at(look.before, place), counted);
    } else {
      add(rise_of(client.last, counted), client.counted);
    }
    client.last = counted;
  }
  for (auto& [place, client] : clients_) {
    if (!look.after.contains(place)) client.last = {};  // its series were retired
  }
}

void statement_join::take_statements(const server_look& look) {
  for (auto& [place, known] : known_) known.is_seen = false;
  const bool is_said_to_be_reset = has_looked_ && look.were_reset.value_or(false);
  if (is_said_to_be_reset) begin_anew();
  const bool all_were_reset = look.were_reset.value_or(were_reset(look.statements));
  for (const server_statement& seen : look.statements) take(seen, look.are_all, all_were_reset);
}

// What had been called often is soon called more often than before: such a number has not fallen.
void statement_join::begin_anew() {
  for (auto& [place, known] : known_) {
    known.was_reset = true;
    known.last = {};
  }
}

// The entries that one statement has with a server may be dropped one by one: a single number that falls is no reset.
bool statement_join::were_reset(const std::vector<server_statement>& statements) const {
  std::size_t fallen = 0;
  std::size_t compared = 0;
  for (const server_statement& seen : statements) {
    if (seen.statement == nullptr) continue;
    const auto known = known_.find({seen.database, seen.statement->fingerprint});
    if (known == known_.end() || known->second.last.calls == 0) continue;
    ++compared;
    if (seen.calls < known->second.last.calls) ++fallen;
  }
  return fallen != 0 && fallen * 2 >= compared;
}

void statement_join::take(const server_statement& seen, bool are_all, bool all_were_reset) {
  if (seen.statement == nullptr) return;
  const auto [place, is_new] = known_.try_emplace({seen.database, seen.statement->fingerprint});
  known_statement& known = place->second;
  const bool is_back = !is_new && known.looks_unseen != 0;
  if (is_new) {
    known.counted = {.statement = seen.statement,
                     .database = seen.database,
                     .is_whole_operation = seen.is_whole_operation};
  }
  if (is_new || is_back) {
    // Of all statements, one that was not there has been counted since; of some, nobody knows since when.
    const bool counts_anew = has_looked_ && are_all;
    if (has_looked_ && !are_all) known.began_late = true;
    known.last = counts_anew ? server_statement{} : seen;
  } else if (seen.calls < known.last.calls) {
    known.was_reset = known.was_reset || all_were_reset;
    known.began_late = known.began_late || !all_were_reset;
    known.last = all_were_reset ? server_statement{} : seen;
  }
  add_rise(known.last, seen, known.counted);
  known.last = seen;
  known.is_seen = true;
  known.looks_unseen = 0;
}

void statement_join::forget_dropped() {
  for (auto& [place, known] : known_) {
    if (!known.is_seen) ++known.looks_unseen;
  }
  std::erase_if(known_, [&](const auto& item) {
    return item.second.looks_unseen > most_looks_unseen && !clients_.contains(item.first);
  });
}

statement_join::client_bounds statement_join::bounds_of(const statement_place& place,
                                                        const server_statement& counted,
                                                        const client_statements& before) const {
  client_bounds sum;
  if (!place.first.empty() && !counted.is_whole_operation) {
    const auto exact = clients_.find(place);
    if (exact != clients_.end()) add_bounds(*exact, before, sum);
    return sum;
  }
  for (const auto& known : clients_) {
    const bool is_same = counted.is_whole_operation
                             ? known.second.summary == counted.statement->summary
                             : known.first.second == place.second;
    // Where the server does not say in which database, all of them count.
    if (is_same && (place.first.empty() || known.first.first == place.first)) {
      add_bounds(known, before, sum);
    }
  }
  return sum;
}

// Some servers count calls that failed, and some do not; and a call may be counted there before it is here.
void statement_join::add_bounds(const known_clients::value_type& known,
                                const client_statements& before, client_bounds& sum) const {
  const known_client& client = known.second;
  add(client.counted, sum.counted);
  const call_counts lately = rise_of(client.last, client_statement_at(before, known.first));
  const std::uint64_t calls = client.counted.calls + lately.calls;
  sum.least += calls - std::min(calls, client.counted.failures + lately.failures);
  sum.most += client.counted.calls + client.first.calls + client.last.running;
  sum.during_first_look += client.first.calls;
}

bool statement_join::has_calls_without_statement() const {
  return std::ranges::any_of(clients_, [](const auto& known) {
    return known.first.second == 0 && known.second.counted.calls != 0;
  });
}

std::string statement_join::remark_on(const known_statement& known, const client_bounds& client,
                                      bool is_own) const {
  const std::uint64_t counted = known.counted.calls;
  if (counted > client.most) {
    std::string who = is_own ? "querytap's own questions or other clients" : "other clients";
    if (known.counted.is_whole_operation) who += ", pipelines, transactions or scripts";
    if (has_calls_without_statement()) who += ", or calls past the series limit,";
    return fmt::format("{} made {} or more of the server's calls", who, counted - client.most);
  }
  if (counted > client.most - client.during_first_look) {
    return fmt::format(
        "{} of the server's calls were made while it was looked at for the first time, before "
        "those "
        "of the application were counted",
        counted - (client.most - client.during_first_look));
  }
  if (counted >= client.least) return {};
  if (known.was_reset) {
    return "the server's numbers were reset since the first look: it was restarted, or they were "
           "cleared";
  }
  return known.began_late ? "the server counts fewer calls: the statement was not among those that "
                            "it tells of all the time"
                          : "the server counts fewer calls: it has dropped the statement for a "
                            "while, or does not count all "
                            "that it executes";
}

}  // namespace querytap::detail
