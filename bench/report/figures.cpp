#include "figures.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace querytap::bench {
namespace {

using nlohmann::json;

constexpr std::string_view by_hand = "/manual_time";

// Google Benchmark appends the settings of a run to its name; the table has names without settings.
std::string name_without_settings(std::string name) {
  for (const std::string_view setting :
       {std::string_view{"/process_time"}, std::string_view{"/real_time"}, by_hand,
        std::string_view{"/iterations:"}}) {
    const auto begin = name.find(setting);
    if (begin != name.npos) name.erase(begin, name.find('/', begin + 1) - begin);
  }
  return name;
}

double nanoseconds_per(const std::string& unit) {
  if (unit == "ns") return 1;
  if (unit == "us") return 1e3;
  if (unit == "ms") return 1e6;
  if (unit == "s") return 1e9;
  throw std::runtime_error{"unknown time unit '" + unit + "'"};
}

std::optional<double> number_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? std::nullopt : std::optional{found->get<double>()};
}

void add_known(std::vector<double>& values, std::optional<double> value, double factor = 1) {
  if (value) values.push_back(*value * factor);
}

// Google Benchmark writes `NaN` where it divides by a median of 0, which JSON does not have.
std::string text_without_nan(const std::string& file) {
  constexpr std::string_view written = ": NaN";
  std::ifstream stream{file};
  if (!stream) throw std::runtime_error{"cannot read " + file};
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  for (auto at = text.find(written); at != text.npos; at = text.find(written, at))
    text.replace(at, written.size(), ": null");
  return text;
}

// `2` of `histogram_bench.2.1.json`.
std::size_t layout_of(const std::filesystem::path& file) {
  const std::string layout = file.stem().stem().extension().string();
  std::size_t number = 0;
  if (layout.size() > 1) std::from_chars(&layout[1], &layout[0] + layout.size(), number);
  return number;
}

double median_of_member(const std::vector<ratio_interval>& ratios, double ratio_interval::*member) {
  std::vector<double> values;
  for (const ratio_interval& ratio : ratios) values.push_back(ratio.*member);
  return median_of(std::move(values));
}

}  // namespace

std::optional<spread> spread_of(const by_layout& values) {
  if (values.empty()) return std::nullopt;
  std::vector<double> sorted;
  for (const auto& [layout, value] : values) sorted.push_back(value);
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  const double median =
      sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return spread{median, sorted.front(), sorted.back()};
}

void figures::read(const std::string& file) {
  const json content = json::parse(text_without_nan(file));
  for (const json& run : content.at("benchmarks")) {
    if (run.value("run_type", "iteration") != "iteration") continue;
    const std::string name = run.at("run_name");
    figure_samples& figure = by_name_[name_without_settings(name)];
    figure.is_timed_by_hand = name.find(by_hand) != name.npos;
    samples& sums = figure.layouts[layout_of(file)];
    const double unit = nanoseconds_per(run.value("time_unit", "ns"));
    // With several threads, the file has the time divided by the calls of all threads.
    const double threads = run.value("threads", 1.0);
    add_known(sums.processor_times, number_at(run, "cpu_time"), unit);
    add_known(sums.wall_times, number_at(run, "real_time"), unit * threads);
    add_known(sums.bytes, number_at(run, "bytes"));
    const json ratios = run.value("ratios", json::object());
    for (const auto& [rival, ratio] : ratios.items()) {
      sums.over[rival].push_back({ratio.at(0), ratio.at(1), ratio.at(2)});
    }
  }
}

by_layout figures::find(std::string_view name, quantity quantity) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return {};
  by_layout result;
  for (const auto& [layout, measured] : found->second.layouts) {
    const auto& values = quantity == bench::quantity::bytes            ? measured.bytes
                         : quantity == bench::quantity::processor_time ? measured.processor_times
                                                                       : measured.wall_times;
    if (!values.empty()) result[layout] = median_of(values);
  }
  return result;
}

std::optional<spread> figures::find_overhead(std::string_view name, std::string_view rival) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  by_layout medians;
  by_layout lows;
  by_layout highs;
  for (const auto& [layout, measured] : found->second.layouts) {
    const auto ratios = measured.over.find(rival);
    if (ratios == measured.over.end()) continue;
    medians[layout] = median_of_member(ratios->second, &ratio_interval::median);
    lows[layout] = median_of_member(ratios->second, &ratio_interval::low);
    highs[layout] = median_of_member(ratios->second, &ratio_interval::high);
  }
  if (medians.empty()) return std::nullopt;
  return spread{spread_of(medians)->median, spread_of(lows)->lowest, spread_of(highs)->highest};
}

std::vector<quantity> figures::measured_quantities(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return {};
  const samples& measured = found->second.layouts.begin()->second;
  const bool has_processor_time =
      !measured.processor_times.empty() && !found->second.is_timed_by_hand;
  std::vector<quantity> result{has_processor_time ? quantity::processor_time : quantity::wall_time};
  if (!measured.bytes.empty()) result.push_back(quantity::bytes);
  return result;
}

std::vector<std::string> figures::names() const {
  std::vector<std::string> result;
  for (const auto& [name, measured] : by_name_) result.push_back(name);
  return result;
}

}  // namespace querytap::bench
