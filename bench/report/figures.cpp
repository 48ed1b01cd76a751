#include "figures.hpp"

#include "../support/pairs.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <stdexcept>

namespace querytap::bench {
namespace {

using nlohmann::json;

// Google Benchmark appends the settings of a run to its name; the table has names without settings.
std::string name_without_settings(std::string name) {
  for (const std::string_view noise :
       {"/process_time", "/real_time", "/manual_time", "/iterations:1"}) {
    if (const auto at = name.find(noise); at != name.npos) name.erase(at, noise.size());
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

}  // namespace

void figures::read(const std::string& file) {
  std::ifstream stream{file};
  if (!stream) throw std::runtime_error{"cannot read " + file};
  const json content = json::parse(stream);
  for (const json& run : content.at("benchmarks")) {
    if (run.value("run_type", "iteration") != "iteration") continue;
    samples& sums = by_name_[name_without_settings(run.at("run_name"))];
    const double unit = nanoseconds_per(run.value("time_unit", "ns"));
    // With several threads, the file has the time divided by the calls of all threads.
    const double threads = run.value("threads", 1.0);
    add_known(sums.processor_times, number_at(run, "cpu_time"), unit);
    add_known(sums.wall_times, number_at(run, "real_time"), unit * threads);
    add_known(sums.bytes, number_at(run, "bytes"));
    const json ratios = run.value("ratios", json::object());
    for (const auto& [rival, ratio] : ratios.items()) {
      sums.over_rivals[rival] = {ratio.at("median"), ratio.at("low"), ratio.at("high")};
    }
  }
}

std::optional<double> figures::find(std::string_view name, quantity quantity) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  const samples& measured = found->second;
  const auto& values = quantity == bench::quantity::bytes            ? measured.bytes
                       : quantity == bench::quantity::processor_time ? measured.processor_times
                                                                     : measured.wall_times;
  return values.empty() ? std::nullopt : std::optional{median_of(values)};
}

std::optional<figures::overhead> figures::find_overhead(std::string_view name,
                                                        std::string_view rival) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  const auto ratio = found->second.over_rivals.find(rival);
  return ratio == found->second.over_rivals.end() ? std::nullopt : std::optional{ratio->second};
}

}  // namespace querytap::bench
