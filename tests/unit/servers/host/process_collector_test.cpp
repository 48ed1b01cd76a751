// The process says what it uses, and its cgroup what it may use. What is not offered has a reason, and no number.

#include <support/collected_numbers.hpp>
#include <support/sanitizer.hpp>
#include <unit/servers/host/file_tree.hpp>

#include <querytap/servers/host/process_collector.hpp>
#include <servers/host/host_instruments.hpp>

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::collected_by;
using querytap::testing::collected_text;
using querytap::testing::collected_value;
using querytap::testing::faults_of_series;
using querytap::testing::file_tree;
using querytap::testing::lacking_reason;

collected collected_now() {
  process_collector source;
  return collected_by(source);
}

double value(const collected& found, std::string_view name, const attributes& labels = {}) {
  INFO(name);
  const auto number = collected_value(found, name, labels);
  REQUIRE(number.has_value());
  return *number;
}

/// With a process that has the cgroups of the text.
collected in_cgroup(const file_tree& tree, std::string_view own_cgroups) {
  tree.write("proc/self/status", "Name:\tprogram\nVmRSS:\t    1620 kB\nThreads:\t7\n");
  tree.write("proc/self/cgroup", own_cgroups);
  process_collector source{{.proc = tree.path("proc"), .cgroup = tree.path("cgroup")}};
  return collected_by(source);
}

TEST_CASE("every instrument of the host has a unit, a description and a name of its own",
          "[host]") {
  std::set<std::string_view> names;
  for (const instrument* each : catalog::host::all) {
    INFO(each->name);
    CHECK_FALSE(each->unit.empty());
    CHECK(each->description.ends_with('.'));
    CHECK(names.insert(each->name).second);
  }
  CHECK(names.size() == catalog::host::all.size());
}

TEST_CASE("the process that runs says what it uses", "[host]") {
  const collected found = collected_now();
  CHECK(faults_of_series(found) == "");
  CHECK(value(found, "process.memory.usage") > 1e6);
  CHECK(value(found, "process.memory.peak") >= value(found, "process.memory.anonymous"));
  CHECK(value(found, "process.memory.virtual") >= value(found, "process.memory.usage"));
  CHECK(value(found, "process.thread.count") >= 1);
  // The kernel shares out what it measures exactly by what it found a thread in at its ticks.
  CHECK(value(found, "process.cpu.time", {{"cpu.mode", "user"}}) +
            value(found, "process.cpu.time", {{"cpu.mode", "system"}}) >
        0);
  CHECK(value(found, "process.uptime") > 0);
  CHECK(value(found, "process.uptime") < 3600);
  CHECK(value(found, "process.paging.faults", {{"system.paging.fault.type", "minor"}}) > 0);
  CHECK(value(found, "process.unix.file_descriptor.limit") >= 256);
  CHECK_THAT(lacking_reason(found, "process.network.io"),
             Catch::Contains("does not count the bytes of a process's sockets"));
}

TEST_CASE("descriptors are counted without the one that counts them", "[host]") {
  const double before = value(collected_now(), "process.unix.file_descriptor.count");
  std::vector<int> opened;
  for (int i = 0; i < 5; ++i) opened.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(value(collected_now(), "process.unix.file_descriptor.count") == before + 5);
  for (const int descriptor : opened) close(descriptor);
  CHECK(value(collected_now(), "process.unix.file_descriptor.count") == before);
}

TEST_CASE("context switches are of all threads, also of those that have ended", "[host]") {
  const attributes voluntary{{"process.context_switch.type", "voluntary"}};
  const double before = value(collected_now(), "process.context_switches", voluntary);
  std::mutex mutex;
  std::condition_variable never;
  std::thread waits{[&] {
    std::unique_lock lock{mutex};
    for (int i = 0; i < 50; ++i) never.wait_for(lock, 50us);
  }};
  waits.join();
  CHECK(value(collected_now(), "process.context_switches", voluntary) >= before + 10);
}

TEST_CASE("memory of malloc is what malloc itself counts", "[host]") {
  process_collector without{{.counts_malloc = false}};
  const collected other = collected_by(without);
  CHECK(collected_text(other, "process.malloc") == "");
  CHECK(lacking_reason(other, "process.malloc.memory") == "counts_malloc is off");
  if (querytap::testing::under_sanitizer) {  // which brings an allocator of its own
    CHECK_THAT(lacking_reason(collected_now(), "process.malloc.memory"),
               Catch::Contains("another allocator"));
    return;
  }
  const attributes allocated{{"process.malloc.state", "allocated"}};
  const attributes mapped{{"process.malloc.state", "mapped"}};
  const double small_before = value(collected_now(), "process.malloc.memory", allocated);
  const double mapped_before = value(collected_now(), "process.malloc.memory", mapped);
  const std::vector<std::string> small(1000, std::string(1000, 'x'));
  const std::vector<char> large(std::size_t{64} << 20);
  const collected found = collected_now();
  CHECK(value(found, "process.malloc.memory", allocated) >= small_before + 1'000'000);
  CHECK(value(found, "process.malloc.memory", mapped) >= mapped_before + (64 << 20));
}

TEST_CASE("what /proc says is taken as it stands, and what it does not say is lacking", "[host]") {
  const file_tree tree;
  tree.write("proc/self/status",
             "Name:\tVmRSS: 1 (x)\nVmSize:\t 3060 kB\nVmHWM:\t 1700 kB\nVmRSS:\t 1620 kB\n"
             "RssAnon:\t 116 kB\nVmSwap:\t 8 kB\nThreads:\t12\n");
  process_collector source{{.counts_malloc = false, .proc = tree.path("proc")}};
  collected found = collected_by(source);
  CHECK(collected_text(found, "process.memory") ==
        "process.memory.usage 1658880\nprocess.memory.virtual 3133440\n"
        "process.memory.anonymous 118784\nprocess.memory.peak 1740800\n"
        "process.memory.swapped 8192\n");
  CHECK(value(found, "process.thread.count") == 12);
  CHECK(collected_text(found, "process.disk") == "");
  CHECK_THAT(lacking_reason(found, "process.disk"), Catch::Contains("/proc/self/io"));
  CHECK_FALSE(lacking_reason(found, "process.unix.file_descriptor.count").empty());
  CHECK_FALSE(lacking_reason(found, "process.uptime").empty());
  CHECK_FALSE(lacking_reason(found, "process.cgroup").empty());

  tree.write("proc/self/io",
             "rchar: 7127\nwchar: 151\nsyscr: 12\nsyscw: 1\nread_bytes: 4096\nwrite_bytes: 512\n"
             "cancelled_write_bytes: 0\n");
  found = collected_by(source);
  CHECK(collected_text(found, "process.disk") ==
        "process.disk.io disk.io.direction=read 4096\nprocess.disk.io disk.io.direction=write 512\n"
        "process.disk.operations disk.io.direction=read 12\n"
        "process.disk.operations disk.io.direction=write 1\n");
}

TEST_CASE("without /proc the process has an error that says so", "[host]") {
  process_collector source{{.proc = "/nowhere"}};
  CHECK_THROWS_AS(collected_by(source), collect_error);
}

TEST_CASE("a cgroup of version 2 has its limits, its throttling and its pressure", "[host]") {
  const file_tree tree;
  tree.write("cgroup/cgroup.controllers", "cpu io memory pids\n");
  tree.write("cgroup/app/service/cgroup.type", "domain\n");
  tree.write("cgroup/app/service/cpu.max", "150000 100000\n");
  tree.write("cgroup/app/service/cpu.stat",
             "usage_usec 5000000\nuser_usec 3000000\nsystem_usec 2000000\nnr_periods 100\n"
             "nr_throttled 40\nthrottled_usec 1500000\n");
  tree.write("cgroup/app/service/memory.max", "max\n");
  tree.write("cgroup/app/service/memory.current", "1048576\n");
  tree.write("cgroup/app/service/memory.events", "low 0\nhigh 3\nmax 2\noom 1\noom_kill 1\n");
  tree.write("cgroup/app/service/pids.current", "9\n");
  tree.write("cgroup/app/service/pids.max", "max\n");
  tree.write("cgroup/app/service/cpu.pressure",
             "some avg10=1.00 avg60=0.00 avg300=0.00 total=2500000\n"
             "full avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n");
  // Those above it have limits of their own.
  tree.write("cgroup/app/cpu.max", "max 100000\n");
  tree.write("cgroup/app/memory.max", "2097152\n");
  const collected found = in_cgroup(tree, "0::/app/service\n");
  CHECK(faults_of_series(found) == "");
  CHECK(collected_text(found, "process.cgroup") ==
        "process.cgroup.cpu.limit 1500000\n"
        "process.cgroup.cpu.time cpu.mode=user 3000000000\n"
        "process.cgroup.cpu.time cpu.mode=system 2000000000\n"
        "process.cgroup.cpu.periods 100\n"
        "process.cgroup.cpu.throttled_periods 40\n"
        "process.cgroup.cpu.throttled_time 1500000000\n"
        "process.cgroup.memory.usage 1048576\n"
        "process.cgroup.memory.limit 2097152\n"
        "process.cgroup.memory.events process.cgroup.memory.event=high 3\n"
        "process.cgroup.memory.events process.cgroup.memory.event=max 2\n"
        "process.cgroup.memory.events process.cgroup.memory.event=oom 1\n"
        "process.cgroup.memory.events process.cgroup.memory.event=oom_kill 1\n"
        "process.cgroup.task.count 9\n"
        "process.cgroup.pressure.time system.pressure.resource=cpu system.pressure.stall=some "
        "2500000000\n"
        "process.cgroup.pressure.time system.pressure.resource=cpu system.pressure.stall=full "
        "500000000\n");
  CHECK(lacking_reason(found, "process.cgroup.task.limit") == "there is no limit");
}

TEST_CASE("the lowest of all limits is the one that is in force", "[host]") {
  const file_tree tree;
  tree.write("cgroup/cgroup.controllers", "cpu memory\n");
  tree.write("cgroup/app/cpu.max", "50000 100000\n");
  tree.write("cgroup/app/service/cpu.max", "400000 100000\n");
  tree.write("cgroup/app/service/cpu.stat", "usage_usec 1\nuser_usec 1\nsystem_usec 0\n");
  const collected found = in_cgroup(tree, "0::/app/service\n");
  CHECK(value(found, "process.cgroup.cpu.limit") == 0.5);
  CHECK_THAT(lacking_reason(found, "process.cgroup.cpu.throttled_time"),
             Catch::Contains("does not count it"));
  CHECK(lacking_reason(found, "process.cgroup.memory") == "the cgroup has no controller of memory");
  CHECK_THAT(lacking_reason(found, "process.cgroup.pressure.time"), Catch::Contains("no pressure"));
}

TEST_CASE("at the top, where the kernel defines no full pressure of the CPU, there is none",
          "[host]") {
  const file_tree tree;
  tree.write("cgroup/cgroup.controllers", "cpu\n");
  const std::string text =
      "some avg10=1.00 avg60=0.00 avg300=0.00 total=7\n"
      "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
  tree.write("cgroup/cpu.pressure", text);
  tree.write("cgroup/io.pressure", text);
  const collected found = in_cgroup(tree, "0::/\n");
  const auto pressure = [&](std::string_view resource, std::string_view stall) {
    return collected_value(
        found, "process.cgroup.pressure.time",
        {{"system.pressure.resource", resource}, {"system.pressure.stall", stall}});
  };
  CHECK(pressure("cpu", "some") == 0.000007);
  CHECK_FALSE(pressure("cpu", "full").has_value());
  CHECK(pressure("io", "full") == 0.0);
}

TEST_CASE("in a container the mounted folder is the cgroup's own", "[host]") {
  const file_tree tree;
  tree.write("cgroup/cgroup.controllers", "cpu memory\n");
  tree.write("cgroup/memory.max", "4096\n");
  tree.write("cgroup/memory.current", "1024\n");
  for (const std::string_view path : {"0::/\n", "0::/docker/0123456789abcdef\n"}) {
    const collected found = in_cgroup(tree, path);
    CHECK(value(found, "process.cgroup.memory.limit") == 4096);
    CHECK(value(found, "process.cgroup.memory.usage") == 1024);
  }
}

TEST_CASE("cgroups of version 1 have the same numbers", "[host]") {
  const file_tree tree;
  tree.write("cgroup/cpu,cpuacct/service/cpu.cfs_quota_us", "50000\n");
  tree.write("cgroup/cpu,cpuacct/service/cpu.cfs_period_us", "100000\n");
  tree.write("cgroup/cpu,cpuacct/service/cpu.stat",
             "nr_periods 10\nnr_throttled 4\nthrottled_time 7000000\n");
  tree.write("cgroup/cpu,cpuacct/service/cpuacct.usage", "9000\n");
  tree.write("cgroup/cpu,cpuacct/service/cpuacct.usage_user", "6000\n");
  tree.write("cgroup/cpu,cpuacct/service/cpuacct.usage_sys", "3000\n");
  tree.write("cgroup/memory/service/memory.limit_in_bytes", "9223372036854771712\n");
  tree.write("cgroup/memory/service/memory.usage_in_bytes", "5000\n");
  tree.write("cgroup/memory/service/memory.failcnt", "2\n");
  tree.write("cgroup/memory/service/memory.oom_control",
             "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
  tree.write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  tree.write("cgroup/pids/service/pids.current", "3\n");
  tree.write("cgroup/pids/service/pids.max", "64\n");
  const collected found = in_cgroup(
      tree, "4:memory:/service\n3:cpu,cpuacct:/service\n2:pids:/service\n1:name=systemd:/\n");
  CHECK(collected_text(found, "process.cgroup") ==
        "process.cgroup.cpu.limit 500000\n"
        "process.cgroup.cpu.time cpu.mode=user 6000\n"
        "process.cgroup.cpu.time cpu.mode=system 3000\n"
        "process.cgroup.cpu.periods 10\n"
        "process.cgroup.cpu.throttled_periods 4\n"
        "process.cgroup.cpu.throttled_time 7000000\n"
        "process.cgroup.memory.usage 5000\n"
        "process.cgroup.memory.events process.cgroup.memory.event=max 2\n"
        "process.cgroup.memory.events process.cgroup.memory.event=oom_kill 1\n"
        "process.cgroup.task.count 3\n"
        "process.cgroup.task.limit 64\n");
  CHECK(lacking_reason(found, "process.cgroup.memory.limit") == "there is no limit");
  CHECK(lacking_reason(found, "process.cgroup.pressure.time") == "needs cgroups of version 2");
}

TEST_CASE("hostile files of a cgroup are no numbers", "[host]") {
  const file_tree tree;
  tree.write("cgroup/cgroup.controllers", "cpu\n");
  tree.write("cgroup/cpu.max", "-1 0\n");
  tree.write("cgroup/cpu.stat", "usage_usec x\nuser_usec 99999999999999999999999\n\n\t\n");
  tree.write("cgroup/memory.max", "");
  tree.write("cgroup/cpu.pressure", "some\nfull total=\ntotal=7\n");
  const collected found = in_cgroup(tree, "0::/\nnonsense\n:\n5\n");
  CHECK(collected_text(found, "process.cgroup") == "");
  CHECK_FALSE(lacking_reason(found, "process.cgroup.cpu").empty());
}

}  // namespace
