// What the metrics of a service cost in a store: series x bytes x retention, from the catalog and from limits.
//
//     $ cost_sheet examples/ops/running/limits.yaml > examples/ops/running/cost_sheet.md

#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <servers/chroma/chroma_instruments.hpp>
#include <servers/host/gpu_instruments.hpp>
#include <servers/host/host_instruments.hpp>
#include <servers/mongodb/mongodb_instruments.hpp>
#include <servers/mysql/mysql_instruments.hpp>
#include <servers/postgres/postgres_instruments.hpp>
#include <servers/redis/redis_instruments.hpp>
#include <servers/sqlite/sqlite_instruments.hpp>

#include <yaml-cpp/yaml.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace catalog = querytap::catalog;
using querytap::instrument;
using querytap::instrument_kind;

struct limits {
  double instances;
  double scrape_interval;
  double retention;
  double bytes_per_sample;
  double slo_thresholds;
  double series_limit;
  std::map<std::string, double, std::less<>> values;
  std::vector<std::string> servers;
};

double number(const YAML::Node& root, const char* key, double least) {
  if (!root[key]) throw std::runtime_error{fmt::format("limits: has no {}", key)};
  const auto value = root[key].as<double>();
  if (!(value >= least))
    throw std::runtime_error{fmt::format("limits: {}: {} is too little", key, value)};
  return value;
}

limits read_limits(const char* file) {
  const YAML::Node root = YAML::LoadFile(file);
  limits known{.instances = number(root, "instances", 1),
               .scrape_interval = number(root, "scrape_interval", 0.001),
               .retention = number(root, "retention", 0.001),
               .bytes_per_sample = number(root, "bytes_per_sample", 0.001),
               .slo_thresholds = number(root, "slo_thresholds", 0),
               .series_limit = number(root, "series_limit", 1),
               .values = {},
               .servers = {}};
  for (const auto& entry : root["values"]) {
    known.values.emplace(entry.first.as<std::string>(), entry.second.as<double>());
  }
  for (const auto& name : root["servers"]) known.servers.push_back(name.as<std::string>());
  return known;
}

struct instruments_of {
  std::string_view server;
  std::span<const instrument* const> all;
};

const instruments_of server_catalogs[] = {{"postgresql", catalog::postgres::all},
                                          {"mysql", catalog::mysql::all},
                                          {"redis", catalog::redis::all},
                                          {"mongodb", catalog::mongodb::all},
                                          {"sqlite", catalog::sqlite::all},
                                          {"host", catalog::host::all},
                                          {"gpu", catalog::gpu::all},
                                          {"chroma", catalog::chroma::all}};

struct cost {
  std::string name;
  double series;   ///< of the instrument, in one instance
  double classic;  ///< what the store has for them, with classic buckets
  double native;   ///< and with native histograms
};

double values_of(std::string_view key, const limits& known) {
  const auto found = known.values.find(key);
  return found == known.values.end() ? 1 : found->second;
}

cost cost_of(const instrument& metric, const limits& known) {
  double series = 1;
  for (const std::string_view key : metric.attributes) series *= values_of(key, known);
  series = std::min(series, known.series_limit);
  const bool is_histogram = metric.kind == instrument_kind::histogram;
  const double thresholds = metric.unit == "s" ? known.slo_thresholds : 0;
  const double lines =
      static_cast<double>(metric.bounds.size()) + thresholds + 3;  // +Inf, sum, count
  return {querytap::prometheus_name(metric), series, series * (is_histogram ? lines : 1), series};
}

std::vector<cost> costs_of(const limits& known) {
  std::vector<cost> costs;
  for (const instrument* metric : catalog::all) costs.push_back(cost_of(*metric, known));
  for (const std::string& name : known.servers) {
    const auto* const found = std::ranges::find(server_catalogs, name, &instruments_of::server);
    if (found == std::end(server_catalogs))
      throw std::runtime_error{"limits: servers: unknown '" + name + "'"};
    limits of_one = known;  // a server's own figures are of that system alone
    of_one.values["db.system.name"] = 1;
    for (const instrument* metric : found->all) costs.push_back(cost_of(*metric, of_one));
  }
  std::ranges::stable_sort(costs, std::ranges::greater{}, &cost::classic);
  return costs;
}

double gigabytes(double stored, const limits& known) {
  const double samples = known.retention * 86400 / known.scrape_interval;
  return stored * known.instances * samples * known.bytes_per_sample / 1e9;
}

std::string row(const cost& item, const limits& known) {
  return fmt::format("| {} | {:.0f} | {:.0f} | {:.0f} | {:.1f} |\n", item.name, item.series,
                     item.classic, item.native, gigabytes(item.classic, known));
}

std::string sheet(const limits& known) {
  constexpr std::size_t shown = 25;
  const std::vector<cost> costs = costs_of(known);
  cost rest{fmt::format("{} others", costs.size() - shown), 0, 0, 0};
  cost total{"**all**", 0, 0, 0};
  std::string text = fmt::format(
      "# What the metrics cost\n\n"
      "Made by `cost_sheet` from [limits.yaml](limits.yaml) and the catalog: {:.0f} instances, "
      "scraped every {:g} s, kept for {:g} days, "
      "{:g} bytes a sample.\nSeries are an upper bound: the product of what each attribute takes, "
      "at most {:.0f}.\n\n"
      "| metric | series of an instance | stored, classic | stored, native | GB of all, classic "
      "|\n|---|---|---|---|---|\n",
      known.instances, known.scrape_interval, known.retention, known.bytes_per_sample,
      known.series_limit);
  for (std::size_t i = 0; i < costs.size(); ++i) {
    if (i < shown) text += row(costs[i], known);
    for (cost* sum : {&total, &rest}) {
      if (sum == &rest && i < shown) continue;
      sum->series += costs[i].series;
      sum->classic += costs[i].classic;
      sum->native += costs[i].native;
    }
  }
  text += row(rest, known) + row(total, known);
  return text + fmt::format(
                    "\n{:.0f} samples a second arrive. A native histogram is one series, whose "
                    "sample takes more bytes than that of a bucket; how many "
                    "depends on how many of its buckets are in use.\nHalf the interval is twice "
                    "the bytes; dropping a family by `metric_relabel_configs` saves its row.\n",
                    total.classic * known.instances / known.scrape_interval);
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count != 2) throw std::runtime_error{"expected a file of limits"};
    fmt::print("{}", sheet(read_limits(words[1])));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "cost_sheet: {}\n", error.what());
    return 1;
  }
}
