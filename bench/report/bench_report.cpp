// Prints the figures of the benchmarks with their rivals and the goals of goals.hpp, as one table; and
// beside those of an old build, each figure that both have.
//
//     bench_report build/bench/figures/new/*.json
//     bench_report --only-measured new/histogram_bench.0.1.json --against=c4978ee old/histogram_bench.0.1.json

#include "figures.hpp"
#include "goals.hpp"
#include "processor.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <functional>
#include <string>

namespace {

using namespace querytap::bench;

/// What the command line names.
struct measurements {
  figures these;
  figures old;
  std::string old_name = {};  ///< empty: there is no old build
  bool lists_missing = true;
};

struct measured {
  const querytap::bench::figure& figure;
  spread value;
  std::optional<spread> rival = {};
  std::optional<spread> comparison =
      {};  ///< the ratio to the rival; the difference for above_rival
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

// `median [lowest, highest]`; the median alone where there is one layout.
template <class Text>
std::string spread_text(const spread& values, Text text) {
  if (values.lowest == values.highest) return text(values.median);
  return fmt::format("{} [{}, {}]", text(values.median), text(values.lowest), text(values.highest));
}

std::string ratio_text(const measured& m) {
  if (!m.comparison) return "";
  const spread& ratio = *m.comparison;
  if (m.figure.measures == quantity::overhead) return spread_text(ratio, percent);
  if (m.figure.reach.kind == rule::above_rival) {
    return spread_text(
        ratio, [&](double more) { return (more < 0 ? "" : "+") + text(more, m.figure.measures); });
  }
  const auto times = [](double value) { return fmt::format("{:.3g}", value); };
  if (ratio.median < 1 && m.figure.reach.kind != rule::ratio_at_most) {
    const spread better{1 / ratio.median, 1 / ratio.highest, 1 / ratio.lowest};
    return spread_text(better, times) + " × better";
  }
  return spread_text(ratio, times) + " ×";
}

double bound_of(const goal& goal, bool is_amd) { return is_amd ? goal.bound_on_amd : goal.bound; }

std::string goal_text(const figure& figure, bool is_amd) {
  const double bound = bound_of(figure.reach, is_amd);
  std::string goal;
  switch (figure.reach.kind) {
    case rule::none: return "";
    case rule::ratio_at_most: goal = fmt::format("≤ {:.3g} ×", bound); break;
    case rule::times_better: goal = fmt::format("≥ {:.3g} × better", bound); break;
    case rule::at_most: goal = "≤ " + text(bound, figure.measures); break;
    case rule::above_rival: goal = "≤ +" + text(bound, figure.measures); break;
    case rule::interval_at_most: goal = "≤ " + percent(bound); break;
  }
  const double enough = figure.reach.or_at_most;
  return enough > 0 ? goal + " or " + text(enough, figure.measures) : goal;
}

bool is_met(const measured& m, bool is_amd) {
  const goal& goal = m.figure.reach;
  const double bound = bound_of(goal, is_amd);
  if (goal.or_at_most > 0 && m.value.median <= goal.or_at_most) return true;
  switch (goal.kind) {
    case rule::none: return true;
    case rule::ratio_at_most: return m.comparison.value().median <= bound;
    case rule::times_better: return 1 / m.comparison.value().median >= bound;
    case rule::at_most: return m.value.median <= bound;
    case rule::above_rival: return m.comparison.value().median <= bound;
    case rule::interval_at_most: return m.comparison.value().highest <= bound;
  }
  return false;
}

// Layout by layout. A rival without layouts is the same in each.
template <class Compare>
std::optional<spread> compare(const by_layout& values, const by_layout& rivals, Compare compare) {
  const auto of_all = spread_of(rivals);
  if (!of_all) return std::nullopt;
  by_layout results;
  for (const auto& [layout, value] : values) {
    const auto rival = rivals.find(layout);
    results[layout] = compare(value, rival == rivals.end() ? of_all->median : rival->second);
  }
  return spread_of(results);
}

// None where the benchmark, or its rival's, has not run.
std::optional<measured> find(const figure& wanted, const measurements& all) {
  const by_layout values = all.these.find(wanted.value, wanted.measures);
  const auto value = spread_of(values);
  if (!value) return std::nullopt;
  measured found{wanted, *value};
  if (wanted.rival.empty()) return found;

  const bool is_old = wanted.rival == old_build;
  const by_layout rivals = is_old ? all.old.find(wanted.value, wanted.measures)
                                  : all.these.find(wanted.rival, wanted.measures);
  found.rival = spread_of(rivals);
  if (wanted.measures == quantity::overhead) {
    found.comparison = all.these.find_overhead(wanted.value, wanted.rival);
  } else if (wanted.reach.kind == rule::above_rival) {
    found.comparison = compare(values, rivals, std::minus{});
  } else {
    found.comparison = compare(values, rivals, std::divides{});
  }
  if (!found.rival || !found.comparison) return std::nullopt;
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

constexpr std::string_view row = "{:<45} {:>8}  {:<28} {:>8}  {:<32} {:<17} {}\n";

void print(const measured& m, bool is_amd) {
  const bool has_goal = m.figure.reach.kind != rule::none;
  fmt::print(row, m.figure.title, text(m.value.median, m.figure.measures), short_rival(m.figure),
             m.rival ? text(m.rival->median, m.figure.measures) : "", ratio_text(m),
             goal_text(m.figure, is_amd),
             !has_goal           ? ""
             : is_met(m, is_amd) ? "met"
                                 : "MISSED");
}

void print_goals(const measurements& all) {
  const processor here = read_processor();
  fmt::print("processor: {}\n\n", here.description);
  fmt::print(row, "figure", "value", "rival", "value", "ratio", "goal", "met?");
  std::string missing;
  for (const figure& wanted : goals::all) {
    if (const auto found = find(wanted, all)) {
      print(*found, here.is_amd);
    } else {
      missing += fmt::format("  {} ({}{})\n", wanted.title, wanted.value,
                             wanted.rival == old_build ? ", beside an old build" : "");
    }
  }
  if (all.lists_missing && !missing.empty()) fmt::print("not measured:\n{}", missing);
}

constexpr std::string_view row_beside_old = "{:<64} {:>12} {:>12}  {}\n";

void print_beside_old(std::string_view name, quantity measures, const measurements& all) {
  const by_layout values = all.these.find(name, measures);
  const by_layout olds = all.old.find(name, measures);
  const auto ratio = compare(values, olds, std::divides{});
  if (!ratio || spread_of(olds)->median == 0) return;  // a rival whose memory is not measured
  fmt::print(row_beside_old, name, text(spread_of(olds)->median, measures),
             text(spread_of(values)->median, measures),
             spread_text(*ratio, [](double value) { return fmt::format("{:.3g}", value); }));
}

void print_all_beside_old(const measurements& all) {
  fmt::print("\n");
  fmt::print(row_beside_old, "figure", all.old_name, "this tree", "new / old");
  for (const std::string& name : all.these.names()) {
    for (const quantity measures : all.these.measured_quantities(name))
      print_beside_old(name, measures, all);
  }
}

measurements read(int argc, char** argv) {
  constexpr std::string_view against = "--against=";
  measurements all;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument{argv[i]};
    if (argument == "--only-measured") {
      all.lists_missing = false;
    } else if (argument.starts_with(against)) {
      all.old_name = argument.substr(against.size());
    } else {
      (all.old_name.empty() ? all.these : all.old).read(argv[i]);
    }
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) try {
  const measurements all = read(argc, argv);
  print_goals(all);
  if (!all.old_name.empty()) print_all_beside_old(all);
} catch (const std::exception& failure) {
  fmt::print(stderr, "bench_report: {}\n", failure.what());
  return 1;
}
