// The numbers of the host are those of prometheus-node-exporter. What moves is asked of us before and after
// the exporter is: its number lies between ours.

#include <support/child_process.hpp>
#include <support/collected_numbers.hpp>

#include <querytap/decorators/http/transport.hpp>
#include <querytap/servers/host/host_collector.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::became_ready;
using querytap::testing::child_process;
using querytap::testing::collected_by;
using querytap::testing::collected_value;
using querytap::testing::free_port;

class node_exporter {
 public:
  node_exporter()
      : address_{"127.0.0.1:" + std::to_string(free_port())},
        program_{{"/usr/bin/prometheus-node-exporter", "--web.listen-address=" + address_,
                  "--collector.disable-defaults", "--collector.cpu", "--collector.meminfo",
                  "--collector.diskstats", "--collector.netdev", "--collector.filesystem",
                  "--collector.filefd", "--collector.pressure", "--collector.loadavg",
                  "--collector.stat", "--collector.vmstat", "--collector.time"}} {
    REQUIRE(became_ready(program_, [this] { return ask().ok(); }));
  }

  /// By the name with its labels, as the text has them.
  [[nodiscard]] std::map<std::string, double> scrape() const {
    std::map<std::string, double> values;
    const std::string text = ask().body;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string line = text.substr(at, end - at);
      at = end + 1;
      const std::size_t blank = line.rfind(' ');
      if (line.starts_with('#') || blank == line.npos) continue;
      values.emplace(line.substr(0, blank), std::stod(line.substr(blank + 1)));
    }
    return values;
  }

 private:
  [[nodiscard]] http::response ask() const {
    return transport_.send({.url = "http://" + address_ + "/metrics"});
  }

  std::string address_;
  http::transport transport_;
  child_process program_;
};

/// How one of its numbers is compared with ours.
enum class way {
  exact,    ///< it does not move
  between,  ///< it rises: ours before, theirs, ours after
  near,     ///< it moves to and fro: within 5 % of the whole
};

struct compared {
  std::string theirs;
  std::vector<std::string> theirs_too;  ///< added to it
  std::string_view ours;
  attributes labels;
  way how;
  double whole = 0;  ///< of what is near
};

/// The device of `name{device="vda"}`, the first that is not loopback or at rest.
std::string busy_label(const std::map<std::string, double>& theirs, const std::string& name,
                       const std::string& label) {
  for (const auto& [series, value] : theirs) {
    const std::string begin = name + '{' + label + "=\"";
    if (!series.starts_with(begin) || value == 0) continue;
    return series.substr(begin.size(), series.find('"', begin.size()) - begin.size());
  }
  return {};
}

std::vector<compared> cpu_rows() {
  std::vector<compared> rows;
  for (const std::string mode : {"user", "nice", "system", "idle", "iowait", "steal"}) {
    rows.push_back({"node_cpu_seconds_total{cpu=\"0\",mode=\"" + mode + "\"}",
                    {},
                    "system.cpu.time",
                    {{"cpu.logical_number", std::int64_t{0}}, {"cpu.mode", mode}},
                    way::between});
  }
  rows.push_back({"node_cpu_seconds_total{cpu=\"0\",mode=\"irq\"}",
                  {"node_cpu_seconds_total{cpu=\"0\",mode=\"softirq\"}"},
                  "system.cpu.time",
                  {{"cpu.logical_number", std::int64_t{0}}, {"cpu.mode", "interrupt"}},
                  way::between});
  return rows;
}

std::vector<compared> memory_rows(double whole) {
  std::vector<compared> rows{
      {"node_memory_MemTotal_bytes", {}, "system.memory.limit", {}, way::exact},
      {"node_memory_MemAvailable_bytes", {}, "system.memory.linux.available", {}, way::near, whole},
      {"node_memory_Shmem_bytes", {}, "system.memory.linux.shared", {}, way::near, whole}};
  const auto add = [&](const char* theirs, std::string_view ours, std::string_view key,
                       std::string_view state) {
    rows.push_back({theirs, {}, ours, {{key, state}}, way::near, whole});
  };
  add("node_memory_MemFree_bytes", "system.memory.usage", "system.memory.state", "free");
  add("node_memory_Cached_bytes", "system.memory.usage", "system.memory.state", "cached");
  add("node_memory_Buffers_bytes", "system.memory.usage", "system.memory.state", "buffers");
  add("node_memory_SReclaimable_bytes", "system.memory.linux.slab.usage",
      "system.memory.linux.slab.state", "reclaimable");
  add("node_memory_SUnreclaim_bytes", "system.memory.linux.slab.usage",
      "system.memory.linux.slab.state", "unreclaimable");
  return rows;
}

std::vector<compared> disk_rows(const std::string& disk) {
  const attributes reads{{"disk.io.direction", "read"}, {"system.device", disk}};
  const attributes writes{{"disk.io.direction", "write"}, {"system.device", disk}};
  const std::string device = "{device=\"" + disk + "\"}";
  return {{"node_disk_read_bytes_total" + device, {}, "system.disk.io", reads, way::between},
          {"node_disk_written_bytes_total" + device, {}, "system.disk.io", writes, way::between},
          {"node_disk_reads_completed_total" + device,
           {},
           "system.disk.operations",
           reads,
           way::between},
          {"node_disk_writes_completed_total" + device,
           {},
           "system.disk.operations",
           writes,
           way::between},
          {"node_disk_read_time_seconds_total" + device,
           {},
           "system.disk.operation_time",
           reads,
           way::between},
          {"node_disk_write_time_seconds_total" + device,
           {},
           "system.disk.operation_time",
           writes,
           way::between},
          {"node_disk_io_time_seconds_total" + device,
           {},
           "system.disk.io_time",
           {{"system.device", disk}},
           way::between}};
}

std::vector<compared> network_rows(const std::string& name) {
  std::vector<compared> rows;
  for (const std::string direction : {"receive", "transmit"}) {
    const auto add = [&](const std::string& theirs, std::string_view ours, std::string_view key) {
      rows.push_back(
          {"node_network_" + direction + '_' + theirs + "_total{device=\"" + name + "\"}",
           {},
           ours,
           {{key, name}, {"network.io.direction", direction}},
           way::between});
    };
    add("bytes", "system.network.io", "network.interface.name");
    add("packets", "system.network.packet.count", "system.device");
    add("errs", "system.network.errors", "network.interface.name");
    add("drop", "system.network.packet.dropped", "network.interface.name");
  }
  return rows;
}

std::vector<compared> filesystem_rows(const std::map<std::string, double>& theirs) {
  std::vector<compared> rows;
  for (const auto& [series, value] : theirs) {
    if (!series.starts_with("node_filesystem_size_bytes{device=\"/dev/") ||
        series.find("mountpoint=\"/\"") == series.npos) {
      continue;
    }
    const std::string labels = series.substr(series.find('{'));
    const auto label = [&](const std::string& key) {
      const std::size_t begin = labels.find(key + "=\"") + key.size() + 2;
      return labels.substr(begin, labels.find('"', begin) - begin);
    };
    attributes ours{{"system.device", label("device")},
                    {"system.filesystem.mountpoint", "/"},
                    {"system.filesystem.type", label("fstype")}};
    rows.push_back({series, {}, "system.filesystem.limit", ours, way::exact});
    ours.set({"system.filesystem.state", "free"});
    rows.push_back({"node_filesystem_avail_bytes" + labels,
                    {},
                    "system.filesystem.usage",
                    ours,
                    way::near,
                    value});
    rows.push_back({"node_filesystem_files_free" + labels,
                    {},
                    "system.filesystem.inodes.usage",
                    ours,
                    way::near,
                    theirs.at("node_filesystem_files" + labels)});
  }
  return rows;
}

std::vector<compared> other_rows() {
  const auto stalled = [](std::string_view resource, std::string_view stall) {
    return attributes{{"system.pressure.resource", resource}, {"system.pressure.stall", stall}};
  };
  return {{"node_pressure_cpu_waiting_seconds_total",
           {},
           "system.pressure.time",
           stalled("cpu", "some"),
           way::between},
          {"node_pressure_io_waiting_seconds_total",
           {},
           "system.pressure.time",
           stalled("io", "some"),
           way::between},
          {"node_pressure_io_stalled_seconds_total",
           {},
           "system.pressure.time",
           stalled("io", "full"),
           way::between},
          {"node_pressure_memory_waiting_seconds_total",
           {},
           "system.pressure.time",
           stalled("memory", "some"),
           way::between},
          {"node_pressure_memory_stalled_seconds_total",
           {},
           "system.pressure.time",
           stalled("memory", "full"),
           way::between},
          {"node_filefd_maximum", {}, "system.unix.file_descriptor.limit", {}, way::exact},
          {"node_forks_total", {}, "system.process.created", {}, way::between},
          {"node_context_switches_total", {}, "system.context_switches", {}, way::between},
          {"node_vmstat_pgmajfault",
           {},
           "system.paging.faults",
           {{"system.paging.fault.type", "major"}},
           way::between},
          {"node_load1", {}, "system.cpu.load_average.1m", {}, way::near, 10},
          {"node_load5", {}, "system.cpu.load_average.5m", {}, way::near, 10},
          {"node_load15", {}, "system.cpu.load_average.15m", {}, way::near, 10}};
}

/// What is wrong with a row; empty if nothing is.
std::string fault_of(const compared& row, const collected& before,
                     const std::map<std::string, double>& theirs, const collected& after) {
  const auto asked = theirs.find(row.theirs);
  if (asked == theirs.end()) return {};  // this kernel does not have it; the rows are counted
  double expected = asked->second;
  for (const std::string& more : row.theirs_too) expected += theirs.at(more);
  const auto first = collected_value(before, row.ours, row.labels);
  const auto last = collected_value(after, row.ours, row.labels);
  if (!first || !last) return row.theirs + ": we do not have it\n";
  constexpr double rounding = 1e-6;
  const double slack =
      row.how == way::near ? row.whole * 0.05 : rounding * (1 + std::abs(expected) * 1e-6);
  const bool is_equal = row.how == way::between
                            ? *first <= expected + slack && expected <= *last + slack
                            : std::abs(*first - expected) <= slack;
  if (is_equal) return {};
  return row.theirs + ": theirs " + std::to_string(expected) + ", ours " + std::to_string(*first) +
         " and " + std::to_string(*last) + '\n';
}

TEST_CASE("the host's numbers are those of the node exporter", "[host]") {
  const node_exporter exporter;
  host_collector source;
  const collected before = collected_by(source);
  const auto theirs = exporter.scrape();
  const collected after = collected_by(source);

  std::vector<compared> rows = cpu_rows();
  const auto add = [&rows](std::vector<compared> more) {
    rows.insert(rows.end(), more.begin(), more.end());
  };
  add(memory_rows(theirs.at("node_memory_MemTotal_bytes")));
  add(disk_rows(busy_label(theirs, "node_disk_read_bytes_total", "device")));
  add(network_rows(busy_label(theirs, "node_network_receive_bytes_total", "device")));
  add(filesystem_rows(theirs));
  add(other_rows());
  std::string faults;
  std::size_t found = 0;
  for (const compared& row : rows) {
    found += theirs.count(row.theirs);
    faults += fault_of(row, before, theirs, after);
  }
  CHECK(faults == "");
  INFO(found << " of " << rows.size() << " rows");
  CHECK(found >= 40);
}

}  // namespace
