// Prints the figures of the benchmarks with their rivals and the goals of goals.hpp, as one table.
//
//     bench_report build/bench/figures/*.json
//     bench_report --only-measured build/bench/figures/histogram_bench.json

#include "figures.hpp"
#include "goals.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>

namespace {

using namespace querytap::bench;

struct measured {
  const querytap::bench::figure& figure;
  double value;
  std::optional<double> rival;
  std::optional<figures::overhead> interval;
};

std::string time_text(double nanoseconds) {
  if (nanoseconds < 0) return "-" + time_text(-nanoseconds);
  if (nanoseconds < 1e-3) return "0 ns";
  if (nanoseconds < 1e3) return fmt::format("{:.3g} ns", nanoseconds);
  if (nanoseconds < 1e6) return fmt::format("{:.3g} µs", nanoseconds / 1e3);
  if (nanoseconds < 1e9) return fmt::format("{:.3g} ms", nanoseconds / 1e6);
  return fmt::format("{:.3g} s", nanoseconds / 1e9);
}

std::string text(double value, quantity measures) {
  return measures == quantity::bytes ? fmt::format("{:.0f} B", value) : time_text(value);
}

std::string percent(double ratio) { return fmt::format("{:+.2f} %", (ratio - 1) * 100); }

std::string ratio_text(const measured& m) {
  if (m.interval) {
    return fmt::format("{} [{}, {}]", percent(m.interval->median), percent(m.interval->low),
                       percent(m.interval->high));
  }
  if (!m.rival) return "";
  if (m.figure.reach.kind == rule::above_rival) {
    const double more = m.value - *m.rival;
    return (more < 0 ? "" : "+") + text(more, m.figure.measures);
  }
  if (m.value < *m.rival && m.figure.reach.kind != rule::ratio_at_most) {
    return fmt::format("{:.3g} × better", *m.rival / m.value);
  }
  return fmt::format("{:.3g} ×", m.value / *m.rival);
}

std::string goal_text(const figure& figure) {
  const double bound = figure.reach.bound;
  switch (figure.reach.kind) {
    case rule::none: break;
    case rule::ratio_at_most: return fmt::format("≤ {:.3g} ×", bound);
    case rule::times_better: return fmt::format("≥ {:.3g} × better", bound);
    case rule::at_most: return "≤ " + text(bound, figure.measures);
    case rule::above_rival: return "≤ +" + text(bound, figure.measures);
    case rule::interval_at_most: return "≤ " + percent(bound);
  }
  return "";
}

bool is_met(const measured& m) {
  const double bound = m.figure.reach.bound;
  switch (m.figure.reach.kind) {
    case rule::none: return true;
    case rule::ratio_at_most: return m.value / m.rival.value() <= bound;
    case rule::times_better: return m.rival.value() / m.value >= bound;
    case rule::at_most: return m.value <= bound;
    case rule::above_rival: return m.value - m.rival.value() <= bound;
    case rule::interval_at_most: return m.interval.value().high <= bound;
  }
  return false;
}

// None where the benchmark, or its rival's, has not run.
std::optional<measured> find(const figure& wanted, const figures& measurements) {
  const auto value = measurements.find(wanted.value, wanted.measures);
  const auto rival = measurements.find(wanted.rival, wanted.measures);
  if (!value || (!wanted.rival.empty() && !rival)) return std::nullopt;
  measured found{wanted, *value, rival, std::nullopt};
  if (wanted.measures == quantity::overhead)
    found.interval = measurements.find_overhead(wanted.value, wanted.rival);
  return found;
}

std::string_view folder_of(std::string_view name) { return name.substr(0, name.rfind('/') + 1); }

// Without the part that the benchmark's own name has in common: `fetch_add` for a rival of
// `recording/histogram/querytap`.
std::string short_rival(const figure& figure) {
  constexpr std::string_view one_thread = "/threads:1";
  std::string_view value = figure.value;
  std::string_view rival = figure.rival;
  if (rival.ends_with(one_thread)) rival.remove_suffix(one_thread.size());
  value = value.substr(0, value.rfind("/threads:"));
  for (auto same = folder_of(value); !same.empty();
       same = folder_of(same.substr(0, same.size() - 1))) {
    if (rival.starts_with(same)) return std::string{rival.substr(same.size())};
  }
  return std::string{rival};
}

constexpr std::string_view row = "{:<45} {:>8}  {:<28} {:>8}  {:<29} {:<13} {}\n";

void print(const measured& m) {
  const bool has_goal = m.figure.reach.kind != rule::none;
  fmt::print(row, m.figure.title, text(m.value, m.figure.measures), short_rival(m.figure),
             m.rival ? text(*m.rival, m.figure.measures) : "", ratio_text(m), goal_text(m.figure),
             !has_goal   ? ""
             : is_met(m) ? "met"
                         : "MISSED");
}

}  // namespace

int main(int argc, char** argv) try {
  figures all;
  bool lists_missing = true;
  for (int i = 1; i < argc; ++i) {
    if (argv[i] == std::string_view{"--only-measured"}) {
      lists_missing = false;
    } else {
      all.read(argv[i]);
    }
  }

  fmt::print(row, "figure", "value", "rival", "value", "ratio", "goal", "met?");
  std::string missing;
  for (const figure& wanted : goals::all) {
    if (const auto found = find(wanted, all)) {
      print(*found);
    } else {
      missing += fmt::format("  {} ({})\n", wanted.title, wanted.value);
    }
  }
  if (lists_missing && !missing.empty()) fmt::print("not measured:\n{}", missing);
} catch (const std::exception& failure) {
  fmt::print(stderr, "bench_report: {}\n", failure.what());
  return 1;
}
