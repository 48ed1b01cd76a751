#include "view_data.hpp"

#include "running_calls.hpp"

#include <querytap/base/version.hpp>
#include <querytap/snapshot/snapshot_history.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>

namespace querytap::detail {
namespace {

using view_function = json (*)(const view_query&, view_data&);

constexpr std::array<std::pair<std::string_view, view_function>, 11> all_views{
    {{"overview", overview_view},
     {"statements", statements_view},
     {"statement", statement_view},
     {"requests", requests_view},
     {"request", request_view},
     {"pools", pools_view},
     {"running", running_view},
     {"findings", findings_view},
     {"health", health_view},
     {"servers", servers_view},
     {"library", library_view}}};

json data_of(const view_query& asked, view_data& shown) {
  const auto known =
      std::ranges::find(all_views, asked.view, [](const auto& v) { return v.first; });
  return known == all_views.end() ? json(nullptr) : known->second(asked, shown);
}

json counts_of(view_data& shown) {
  const snapshot& current = shown.current();
  std::size_t waiting = 0;
  for (const pool_report& pool : current.pools) waiting += pool.waiting;
  const auto not_well = std::ranges::count_if(current.health, [](const health_report& report) {
    return report.status == health_status::warn || report.status == health_status::fail;
  });
  return {{"findings", current.findings.size()},
          {"not_well", not_well},
          {"running", long_running_calls(current).size()},
          {"slow", shown.ended_calls().size()},
          {"waiting", waiting},
          {"requests", current.requests.size()}};
}

std::uint64_t fingerprint_of(const statement_row& row) {
  return row.statement == nullptr ? 0 : row.statement->fingerprint;
}

bool has_window(const view_query& asked) {
  return asked.view == "overview" || asked.view == "statements";
}

json covered(std::chrono::seconds asked, const snapshot& recorded) {
  return {{"asked", asked.count()}, {"seconds", short_number(seconds_of(recorded.span))}};
}

}  // namespace

const view_window& view_data::window(std::chrono::seconds length, std::chrono::seconds ago) {
  const auto [place, fresh] = windows_.try_emplace({length, ago});
  if (!fresh) return place->second;
  view_window& made = place->second;
  if (ago.count() != 0) {
    made.recorded = recent_before(current_, length, ago);
  } else if (length.count() == 0 || current_.history == nullptr) {
    made.recorded = current_;
  } else {
    made.recorded = recent(current_, length);
  }
  made.statements = statement_table(made.recorded);
  for (const statement_row& row : made.statements) {
    if (!row.is_overflow) made.by_fingerprint.emplace(fingerprint_of(row), &row);
  }
  return made;
}

void view_data::take_past_windows(view_data& earlier) {
  if (earlier.current_.history != current_.history) return;
  for (auto window = earlier.windows_.begin(); window != earlier.windows_.end();) {
    const auto next = std::next(window);
    if (window->first.second.count() != 0) windows_.insert(earlier.windows_.extract(window));
    window = next;
  }
}

const std::vector<std::shared_ptr<const call_report>>& view_data::ended_calls() {
  if (!ended_calls_.has_value()) ended_calls_ = detail::ended_calls(current_);
  return *ended_calls_;
}

const statement_row* view_window::find(const statement_row& row) const {
  const auto [begin, end] = by_fingerprint.equal_range(fingerprint_of(row));
  const auto found = std::find_if(
      begin, end, [&](const auto& entry) { return entry.second->system == row.system; });
  return found == end ? nullptr : found->second;
}

json short_number(double number) {
  if (number == 0 || !std::isfinite(number)) return std::isfinite(number) ? json(0) : json(nullptr);
  // Powers of ten with a positive exponent are exact, the others are not.
  const double power = std::floor(std::log10(std::abs(number))) - 3;
  const double scale = std::pow(10, std::abs(power));
  return power > 0 ? std::round(number / scale) * scale : std::round(number * scale) / scale;
}

json json_of_durations(const histogram_data& durations, std::uint64_t errors, double seconds) {
  const double total = durations.to_unit(durations.sum());
  return {{"count", durations.count()},
          {"per_second",
           short_number(seconds > 0 ? static_cast<double>(durations.count()) / seconds : 0)},
          {"errors", errors},
          {"total", short_number(total)},
          {"p50", short_number(durations.quantile(0.5))},
          {"p95", short_number(durations.quantile(0.95))},
          {"p99", short_number(durations.quantile(0.99))},
          {"max", short_number(durations.to_unit(durations.max()))}};
}

json render_view(const view_query& asked, view_data& shown) {
  const snapshot& current = shown.current();
  const attribute_value* service = current.resource.find("service.name");
  json view{{"view", asked.view},
            {"service", service == nullptr ? std::string{} : to_string(*service)},
            {"version", version},
            {"start", time_text(current.start)},
            {"time", time_text(current.time)}};
  if (has_window(asked)) {
    view["window"] = covered(asked.window, shown.window(asked.window).recorded);
  }
  if (has_window(asked) && asked.compared.count() != 0) {
    view["before"] = covered(asked.compared, shown.window(asked.window, asked.compared).recorded);
  }
  view["counts"] = counts_of(shown);
  view["data"] = data_of(asked, shown);
  return view;
}

}  // namespace querytap::detail
