// The metrics of a registry about itself and about the calls in flight.

#include "../base/fingerprint_text.hpp"
#include "registry.hpp"

#include <querytap/snapshot/call_convention.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <map>
#include <utility>

namespace querytap::detail {
namespace {

constexpr const char* statement_key = "querytap.statement";

std::string system_in(const attributes& labels) {
  std::string system = system_of_call(labels);
  return system.empty() ? std::string{"_OTHER"} : system;
}

// Of all the keys of these series, the one with the most different values.
std::string most_varied_attribute(const std::vector<series*>& bound) {
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> values;
  for (const series* series : bound) {
    for (const attribute& item : series->identity->labels) {
      values[item.key].insert(to_string(item.value));
    }
    if (series->statement != nullptr) {
      values[statement_key].insert(fingerprint_text(series->statement->fingerprint));
    }
  }
  const auto worst = std::max_element(values.begin(), values.end(), [](auto& a, auto& b) {
    return std::pair{a.second.size(), a.first} < std::pair{b.second.size(), b.first};
  });
  return worst == values.end() ? std::string{} : worst->first;
}

}  // namespace

void registry::bind_self_metrics() {
  collect_duration_ = histogram{bind(catalog::collect_duration, {}, nullptr)};
}

void registry::register_system(const series_identity& bound) {
  if (is_call_duration(*bound.instrument)) systems_.insert(system_in(bound.labels));
}

// One for each kind of backend that was ever bound, so that the gauge returns to 0.
metric registry::active_operations(const std::vector<active_call>& active) {
  std::map<std::string, std::int64_t> by_system;
  for (const std::string& system : systems_) by_system.emplace(system, 0);
  for (const active_call& call : active) ++by_system[system_in(call.series->labels)];
  metric result{&catalog::operation_active};
  for (const auto& [system, count] : by_system) {
    result.points.push_back(
        {intern(catalog::operation_active, {{"db.system.name", system}}).identity, nullptr, nullptr,
         count});
  }
  return result;
}

std::vector<metric> registry::self_metrics() {
  std::vector<metric> metrics;
  const auto add = [&](const instrument& instrument, const attributes& labels,
                       std::uint64_t number) {
    if (metrics.empty() || metrics.back().instrument != &instrument)
      metrics.push_back({&instrument});
    metrics.back().points.push_back(
        {intern(instrument, labels).identity, nullptr, nullptr, static_cast<std::int64_t>(number)});
  };
  add(catalog::dropped, {{"querytap.reason", "memory"}}, dropped_.load(std::memory_order_relaxed));
  add(catalog::dropped, {{"querytap.reason", "in_flight_slots"}},
      not_shown_.load(std::memory_order_relaxed));
  add(catalog::dropped, {{"querytap.reason", "saturated"}},
      clamped_.load(std::memory_order_relaxed) + collector_.saturated());
  add(catalog::lanes, {}, lanes_.size());
  add(catalog::memory_usage, {{"querytap.part", "lanes"}}, bytes_.load(std::memory_order_relaxed));
  add(catalog::memory_usage, {{"querytap.part", "history"}},
      history_ == nullptr ? 0 : history_->bytes());
  for (const instrument_state& state : instruments_) {
    add(catalog::series, {{"querytap.instrument", state.instrument->name}}, state.bound.size());
  }
  for (instrument_state& state : instruments_) {
    blame_refused(state);
    for (const auto& [attribute, count] : state.refused_by) {
      add(catalog::overflow,
          {{"querytap.instrument", state.instrument->name}, {"querytap.attribute", attribute}},
          static_cast<std::uint64_t>(count));
    }
  }
  return metrics;
}

// Once their number has doubled since the last look: to find the attribute is expensive, under the
// lock that binding takes, and it rarely changes. Until then they count for the one found before.
void registry::blame_refused(instrument_state& state) {
  if (state.not_yet_blamed == 0) return;
  if (state.at_fault == nullptr || state.refused >= 2 * state.refused_at_last_look) {
    state.at_fault = &*state.refused_by.try_emplace(most_varied_attribute(state.bound)).first;
    state.refused_at_last_look = state.refused;
  }
  state.at_fault->second += std::exchange(state.not_yet_blamed, 0);
}

}  // namespace querytap::detail
