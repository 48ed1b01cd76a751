#include "summed_calls.hpp"
#include "view_data.hpp"

#include <querytap/snapshot/call_convention.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/snapshot_history.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::detail {
namespace {

constexpr std::size_t most_samples_of_statement = 10;
constexpr std::size_t most_requests_of_statement = 20;

constexpr std::size_t digits_of_fingerprint = 16;

// None where the text is no fingerprint.
std::optional<std::uint64_t> fingerprint_in(std::string_view text) {
  std::uint64_t fingerprint = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, fingerprint, 16);
  if (text.size() != digits_of_fingerprint || read.ptr != end) return std::nullopt;
  return fingerprint;
}

/// What is asked for: the first statement with the fingerprint, and the calls of it alone.
class one_statement {
 public:
  one_statement(const view_query& asked, const snapshot& current) : current_{current} {
    const std::optional<std::uint64_t> fingerprint = fingerprint_in(asked.id);
    if (!fingerprint) return;
    for (const auto& metric : current.metrics) {
      if (!is_call_duration(*metric->instrument)) continue;
      for (const point& p : metric->points) {
        if (p.statement == nullptr || p.statement->fingerprint != *fingerprint) continue;
        if (take(p.statement, system_of_call(p.series->labels), asked.kind)) return;
      }
    }
    for (const sketched_statement& rest : current.overflowed) {
      const bool is_it = rest.statement != nullptr && rest.statement->fingerprint == *fingerprint;
      if (is_it && take(rest.statement, rest.system, asked.kind)) return;
    }
  }

  [[nodiscard]] bool is_known() const noexcept { return statement_ != nullptr; }
  [[nodiscard]] const statement_identity& identity() const noexcept { return *statement_; }
  [[nodiscard]] const std::string& system() const noexcept { return system_; }
  [[nodiscard]] const snapshot& current() const noexcept { return current_; }

  [[nodiscard]] bool is(const std::shared_ptr<const statement_identity>& statement) const {
    return statement != nullptr && statement->fingerprint == statement_->fingerprint;
  }
  [[nodiscard]] bool is(const std::string& system,
                        const std::shared_ptr<const statement_identity>& statement) const {
    return is(statement) && system == system_;
  }
  [[nodiscard]] bool is(const point& p) const {
    return is(p.statement) && system_of_call(p.series->labels) == system_;
  }

 private:
  bool take(const std::shared_ptr<const statement_identity>& statement, std::string system,
            const std::string& wanted_system) {
    if (!wanted_system.empty() && system != wanted_system) return false;
    statement_ = statement;
    system_ = std::move(system);
    return true;
  }

  const snapshot& current_;
  std::string system_;
  std::shared_ptr<const statement_identity> statement_;
};

struct outcomes {
  summed_calls calls;
  std::map<std::string, std::uint64_t> errors;  // by code, or type where there is none
  std::optional<histogram_data> rows;
};

std::string error_of(const attributes& labels) {
  for (const char* key : {"db.response.status_code", "http.response.status_code", "error.type"}) {
    if (const attribute_value* value = labels.find(key); value != nullptr) return to_string(*value);
  }
  return "error";
}

outcomes outcomes_of(const one_statement& wanted) {
  outcomes found;
  for (const auto& metric : wanted.current().metrics) {
    const bool is_duration = is_call_duration(*metric->instrument);
    if (!is_duration && metric->instrument->name != catalog::returned_rows.name) continue;
    for (const point& p : metric->points) {
      if (p.histogram == nullptr || p.histogram->count() == 0 || !wanted.is(p)) continue;
      if (!is_duration) {
        add_counts_to(found.rows, *p.histogram);
        continue;
      }
      found.calls.add(p);
      if (p.series->labels.find("error.type") != nullptr)
        found.errors[error_of(p.series->labels)] += p.histogram->count();
    }
  }
  return found;
}

std::vector<statement_step> steps_of(const one_statement& wanted) {
  const snapshot& current = wanted.current();
  if (current.history == nullptr) return {};
  return current.history->steps_of(wanted.system(), wanted.identity().fingerprint, current);
}

// Null without calls.
json row_of_window(std::string_view name, const summed_calls& calls,
                   std::chrono::nanoseconds span) {
  if (!calls.durations.has_value()) return nullptr;
  json object{{"window", name}};
  object.update(json_of_durations(*calls.durations, calls.errors, seconds_of(span)));
  return object;
}

// The calls of the last steps whose middles lie in a window.
json window_of(std::string_view name, std::chrono::nanoseconds length,
               const std::vector<statement_step>& steps) {
  summed_calls calls;
  std::chrono::nanoseconds span{};
  for (const statement_step& step : steps) {
    if ((step.begin + step.end) / 2 > length) continue;
    span = std::max(span, step.begin);
    calls.errors += step.errors;
    if (step.durations != nullptr) add_counts_to(calls.durations, *step.durations);
  }
  return span < length / 2 ? json(nullptr) : row_of_window(name, calls, span);
}

json windows_of(const one_statement& wanted, const summed_calls& since_start,
                const std::vector<statement_step>& steps) {
  using namespace std::chrono_literals;
  json list = json::array();
  const auto add = [&](json row) {
    if (!row.is_null()) list.push_back(std::move(row));
  };
  const std::chrono::nanoseconds span = wanted.current().span;
  constexpr std::pair<std::string_view, std::chrono::minutes> lengths[] = {
      {"1 min", 1min}, {"5 min", 5min}, {"60 min", 60min}};
  for (const auto& [name, length] : lengths) {
    // One that goes back to the start says what the last row says.
    if (length < span) add(window_of(name, length, steps));
  }
  add(row_of_window("since the start", since_start, span));
  return list;
}

// Of each step the buckets of a fixed scale that were hit: their upper edges in seconds, and counts.
json heat_of(const std::vector<statement_step>& steps) {
  json columns = json::array();
  for (const statement_step& step : steps) {
    json buckets = json::array();
    if (step.durations != nullptr) {
      step.durations->for_each_bucket([&](std::size_t flat, std::uint64_t count) {
        const double upper = step.durations->to_unit(step.durations->layout().upper_edge(flat));
        buckets.push_back(json::array({short_number(upper), count}));
      });
    }
    columns.push_back({{"begin", short_number(seconds_of(step.begin))},
                       {"end", short_number(seconds_of(step.end))},
                       {"buckets", std::move(buckets)}});
  }
  return columns;
}

/// Where the time of sampled calls went, and the lines that made them.
json samples_of(const one_statement& wanted, view_data& shown, json& object) {
  json samples = json::array();
  phase_times phases;
  std::map<std::string, std::uint64_t> sites;
  for (const auto& report : shown.ended_calls()) {
    if (!wanted.is(report->system, report->statement)) continue;
    for (std::size_t i = 0; i < phases.spent.size(); ++i)
      phases.spent[i] += report->phases.spent[i];
    if (const std::string site = to_string(report->site); !site.empty()) sites.try_emplace(site);
    samples.push_back(json_of(*report));
  }
  std::stable_sort(samples.begin(), samples.end(),
                   [](const json& a, const json& b) { return a["duration"] > b["duration"]; });
  if (samples.size() > most_samples_of_statement) {
    samples.erase(samples.begin() + most_samples_of_statement, samples.end());
  }
  object["phases"] = json_of(phases);
  json requests = json::array();
  for (const auto& request : wanted.current().requests) {
    for (const statement_share& share : request->statements) {
      if (!wanted.is(share.system, share.statement)) continue;
      if (const std::string site = to_string(share.site); !site.empty()) sites[site] += share.calls;
      if (requests.size() == most_requests_of_statement) continue;
      requests.push_back({{"number", request->number},
                          {"name", request->name},
                          {"start", time_text(request->start)},
                          {"duration", short_number(seconds_of(request->duration))},
                          {"calls", share.calls},
                          {"seconds", short_number(seconds_of(share.time))},
                          {"duplicates", share.duplicates}});
    }
  }
  object["requests"] = std::move(requests);
  object["call_sites"] = json::array();
  for (const auto& [site, calls] : sites)
    object["call_sites"].push_back({{"call_site", site}, {"calls", calls}});
  return samples;
}

json findings_of(const one_statement& wanted) {
  json list = json::array();
  for (const auto& found : wanted.current().findings) {
    if (wanted.is(found->system, found->statement)) list.push_back(json_of(*found));
  }
  return list;
}

json server_side_of(const one_statement& wanted) {
  json list = json::array();
  for (const auto& source : wanted.current().sources) {
    for (const joined_statement& joined : source->statements) {
      if (!wanted.is(joined.server.statement)) continue;
      json row = json_of(joined);
      row["source"] = source->name;
      list.push_back(std::move(row));
    }
  }
  return list;
}

}  // namespace

json statement_view(const view_query& asked, view_data& shown) {
  const one_statement wanted{asked, shown.current()};
  if (!wanted.is_known()) return nullptr;
  json object = json_of(wanted.identity());
  object["system"] = wanted.system();
  const outcomes all = outcomes_of(wanted);
  const std::vector<statement_step> steps = steps_of(wanted);
  object["windows"] = windows_of(wanted, all.calls, steps);
  object["heat"] = heat_of(steps);
  object["errors"] = json::array();
  for (const auto& [code, count] : all.errors)
    object["errors"].push_back({{"code", code}, {"count", count}});
  if (all.rows.has_value()) {
    object["rows"] = {{"p50", short_number(all.rows->quantile(0.5))},
                      {"p99", short_number(all.rows->quantile(0.99))},
                      {"max", all.rows->max()},
                      {"total", all.rows->sum()}};
  }
  json samples = samples_of(wanted, shown, object);
  object["samples"] = std::move(samples);
  object["findings"] = findings_of(wanted);
  object["server"] = server_side_of(wanted);
  return object;
}

}  // namespace querytap::detail
