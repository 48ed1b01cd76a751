#include "figures.hpp"

#include "../support/pairs.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <stdexcept>

namespace querytap::bench {
namespace {

using nlohmann::json;

// Google Benchmark adds to a name how it was measured, which says nothing about what it is.
std::string tidy(std::string name) {
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

std::optional<double> number(const json& from, const char* key) {
  const auto found = from.find(key);
  return found == from.end() ? std::nullopt : std::optional{found->get<double>()};
}

void keep(std::vector<double>& in, std::optional<double> value, double factor = 1) {
  if (value) in.push_back(*value * factor);
}

}  // namespace

void figures::read(const std::string& file) {
  std::ifstream stream{file};
  if (!stream) throw std::runtime_error{"cannot read " + file};
  const json content = json::parse(stream);
  for (const json& one : content.at("benchmarks")) {
    if (one.value("run_type", "iteration") != "iteration") continue;
    samples& to = by_name_[tidy(one.at("run_name"))];
    const double unit = nanoseconds_per(one.value("time_unit", "ns"));
    // Of several threads, it tells the time divided by what all of them have done.
    const double threads = one.value("threads", 1.0);
    keep(to.processor_times, number(one, "cpu_time"), unit);
    keep(to.wall_times, number(one, "real_time"), unit * threads);
    keep(to.bytes, number(one, "bytes"));
    if (one.contains("ratio")) {
      to.over_bare = {one.at("ratio"), one.at("ratio_low"), one.at("ratio_high")};
    }
  }
}

std::optional<double> figures::find(std::string_view name, quantity of) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  const samples& from = found->second;
  const auto& values = of == quantity::bytes            ? from.bytes
                       : of == quantity::processor_time ? from.processor_times
                                                        : from.wall_times;
  return values.empty() ? std::nullopt : std::optional{median_of(values)};
}

std::optional<figures::overhead> figures::find_overhead(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : found->second.over_bare;
}

}  // namespace querytap::bench
