// The host says what it has and what it has done. What it does not offer has a reason, and no number.

#include <support/collected_numbers.hpp>
#include <unit/servers/host/file_tree.hpp>

#include <querytap/servers/host/host_collector.hpp>
#include <servers/host/host_tables.hpp>

#include <catch2/catch.hpp>

#include <sys/statvfs.h>

#include <chrono>
#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using detail::cpus_of;
using detail::disks_of;
using detail::interfaces_of;
using detail::mounts_of;
using querytap::testing::collected_by;
using querytap::testing::collected_text;
using querytap::testing::collected_value;
using querytap::testing::faults_of_series;
using querytap::testing::file_tree;
using querytap::testing::lacking_reason;

std::string names_of(const std::vector<detail::named_numbers>& things) {
  std::string text;
  for (const auto& thing : things) text += thing.name + ' ';
  return text;
}

TEST_CASE("this host says what it has", "[host]") {
  host_collector source;
  const collected found = collected_by(source);
  CHECK(faults_of_series(found) == "");
  CHECK(collected_value(found, "system.cpu.logical.count").value_or(0) >= 1);
  CHECK(collected_value(found, "system.memory.limit").value_or(0) > 1e8);
  CHECK(collected_value(found, "system.uptime").value_or(0) > 0);
  CHECK(collected_value(found, "system.cpu.time",
                        {{"cpu.mode", "user"}, {"cpu.logical_number", std::int64_t{0}}})
            .value_or(0) > 0);
  CHECK(collected_text(found, "system.network.io") != "");
}

TEST_CASE("without /proc the host has an error that says so", "[host]") {
  host_collector source{{.proc = "/nowhere"}};
  CHECK_THROWS_AS(collected_by(source), collect_error);
}

TEST_CASE("what a host does not offer is lacking, and never 0", "[host]") {
  const file_tree tree;
  tree.write("stat", "cpu  1 2 3 4 5 6 7 8 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n");
  tree.write("meminfo",
             "MemTotal: 100 kB\nMemFree: 40 kB\nBuffers: 10 kB\nCached: 20 kB\n"
             "SwapTotal: 0 kB\nSwapFree: 0 kB\n");
  host_collector source{{.proc = tree.path()}};
  const collected found = collected_by(source);
  CHECK(lacking_reason(found, "system.paging.usage") == "the host has no swap");
  CHECK_THAT(lacking_reason(found, "system.pressure.time"), Catch::Contains("psi=1"));
  for (const char* name :
       {"system.cpu.load_average", "system.disk", "system.network", "system.uptime",
        "system.filesystem", "system.paging.faults", "system.unix.file_descriptor"}) {
    INFO(name);
    CHECK_FALSE(lacking_reason(found, name).empty());
    CHECK(collected_text(found, name) == "");
  }
  CHECK(collected_text(found, "system.memory") ==
        "system.memory.usage system.memory.state=free 40960\n"
        "system.memory.usage system.memory.state=cached 20480\n"
        "system.memory.usage system.memory.state=buffers 10240\n"
        "system.memory.usage system.memory.state=used 30720\n"
        "system.memory.limit 102400\n");
  CHECK(collected_text(found, "system.cpu.time") ==
        "system.cpu.time cpu.logical_number=0 cpu.mode=user 10000000\n"
        "system.cpu.time cpu.logical_number=0 cpu.mode=nice 20000000\n"
        "system.cpu.time cpu.logical_number=0 cpu.mode=system 30000000\n"
        "system.cpu.time cpu.logical_number=0 cpu.mode=idle 40000000\n"
        "system.cpu.time cpu.logical_number=0 cpu.mode=iowait 50000000\n"
        "system.cpu.time cpu.logical_number=0 cpu.mode=interrupt 130000000\n"
        "system.cpu.time cpu.logical_number=0 cpu.mode=steal 80000000\n");
}

TEST_CASE("pressure, swap, load and open files are taken as the kernel writes them", "[host]") {
  const file_tree tree;
  tree.write("stat",
             "cpu0 1 2 3 4 5 6 7 8\nctxt 77\nprocesses 55\nprocs_running 3\nprocs_blocked 1\n");
  tree.write("meminfo", "MemTotal: 1 kB\nSwapTotal: 100 kB\nSwapFree: 25 kB\n");
  tree.write("vmstat", "pgfault 1000\npgmajfault 30\npswpin 4\npswpout 5\n");
  tree.write("loadavg", "3.07 1.55 0.01 4/98 14140\n");
  tree.write("uptime", "13274.51 3000.00\n");
  tree.write("sys/fs/file-nr", "636\t0\t9223372036854775807\n");
  for (const char* resource : {"cpu", "io", "memory"}) {
    tree.write(std::string{"pressure/"} + resource,
               "some avg10=51.21 avg60=48.17 avg300=22.26 total=6212537373\n"
               "full avg10=0.00 avg60=0.00 avg300=0.00 total=42\n");
  }
  host_collector source{{.proc = tree.path()}};
  const collected found = collected_by(source);
  CHECK(collected_text(found, "system.paging") ==
        "system.paging.usage system.paging.state=used 76800\n"
        "system.paging.usage system.paging.state=free 25600\n"
        "system.paging.faults system.paging.fault.type=minor 970\n"
        "system.paging.faults system.paging.fault.type=major 30\n"
        "system.paging.operations system.paging.direction=in system.paging.fault.type=major 4\n"
        "system.paging.operations system.paging.direction=out system.paging.fault.type=major 5\n");
  CHECK(collected_value(found, "system.cpu.load_average.1m") == 3.07);
  CHECK(collected_value(found, "system.cpu.load_average.15m") == 0.01);
  CHECK(collected_value(found, "system.uptime") == 13274.51);
  CHECK(collected_value(found, "system.process.created") == 55.0);
  CHECK(collected_value(found, "system.unix.file_descriptor.count") == 636.0);
  CHECK(lacking_reason(found, "system.unix.file_descriptor.limit") == "there is no limit");
  const auto pressure = [&](std::string_view resource, std::string_view stall) {
    return collected_value(
        found, "system.pressure.time",
        {{"system.pressure.resource", resource}, {"system.pressure.stall", stall}});
  };
  CHECK(pressure("memory", "some") == 6212.537373);
  CHECK(pressure("io", "full") == 0.000042);
  // The kernel says of it that it means nothing.
  CHECK_FALSE(pressure("cpu", "full").has_value());
}

TEST_CASE("a CPU's counters never fall by jitter, and begin anew when the CPU does", "[host]") {
  detail::rising_cpus cpus{4};
  const auto idle_after = [&](const std::string& idle) {
    const auto rows = cpus.rows_of(cpus_of("cpu0 900 0 0 " + idle + " 0 0 0 0 0 0\n"));
    return rows.at(0).ticks[static_cast<std::size_t>(detail::cpu_mode::idle)];
  };
  CHECK(idle_after("1000") == 1000);
  CHECK(idle_after("990") == 1000);
  CHECK(idle_after("1010") == 1010);
  CHECK(idle_after("100") == 100);
}

TEST_CASE("CPUs past the limit are one row, which never falls", "[host]") {
  detail::rising_cpus cpus{1};
  const auto user_of_rest = [&](std::string_view stat) {
    const auto rows = cpus.rows_of(cpus_of(stat));
    REQUIRE_FALSE(rows.back().number.has_value());
    return rows.back().ticks[0];
  };
  CHECK(user_of_rest("cpu 60 0 0 0\ncpu0 10 0 0 0\ncpu1 20 0 0 0\ncpu2 30 0 0 0\n") == 50);
  // The first goes off line, and is no part of the rest.
  CHECK(user_of_rest("cpu 65 0 0 0\ncpu1 22 0 0 0\ncpu2 33 0 0 0\n") == 55);
  CHECK(user_of_rest("cpu 66 0 0 0\ncpu0 11 0 0 0\ncpu1 22 0 0 0\n") == 55);
}

TEST_CASE("disks are whole disks", "[host]") {
  const std::string zeros = " 0 0 0 0 0 0 0 0 0 0 0\n";
  std::string text;
  for (const char* name :
       {"loop0", "ram1", "sr0", "sda", "sda1", "sda12", "sdaa", "sdaa1", "nvme0n1", "nvme0n1p1",
        "nvme0n10", "mmcblk0", "mmcblk0p2", "md127", "md127p1", "dm-1", "dm-10", "xvda1", "vda"}) {
    text += std::string{" 8 0 "} + name + zeros;
  }
  CHECK(names_of(disks_of(text)) ==
        "sda sdaa nvme0n1 nvme0n10 mmcblk0 md127 dm-1 dm-10 xvda1 vda ");
  const auto disks = disks_of(
      " 254 0 vda 455228 23840 18176130 2054095 205150 267919 68948736 308766 "
      "0 130724 2387169 98409 58 49661224 22553 23684 1754\n  8 0 short 1\n");
  REQUIRE(disks.size() == 1);
  CHECK(disks[0].counters == std::vector<std::int64_t>{18176130LL * 512, 68948736LL * 512, 455228,
                                                       205150, 2054095'000'000, 308766'000'000,
                                                       130724'000'000});
}

TEST_CASE("interfaces have what they received and transmitted", "[host]") {
  const auto interfaces = interfaces_of(
      "Inter-|   Receive   |  Transmit\n face |bytes    packets errs\n"
      "  eth0:369634627 8091 1 2 0 0 0 0 520571 5437 3 4 0 0 0 0\n  br ken: 1\n");
  REQUIRE(interfaces.size() == 1);
  CHECK(interfaces[0].name == "eth0");
  CHECK(interfaces[0].counters ==
        std::vector<std::int64_t>{369634627, 520571, 8091, 5437, 1, 3, 2, 4});
}

TEST_CASE("filesystems are those of storage, each device once, and none that may never answer",
          "[host]") {
  const auto mounts = mounts_of(
      "22 27 0:21 / /proc rw - proc proc rw\n"
      "27 1 254:0 / /data/bind rw,relatime shared:1 master:2 - ext4 /dev/vda rw\n"
      "28 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n"
      "29 1 254:1 / /with\\040blank rw - xfs /dev/vdb rw\n"
      "30 1 0:50 / /home rw - nfs4 server:/home rw\n"
      "31 1 0:51 / /snap ro - squashfs /dev/loop0 ro\n"
      "32 1 0:52 / /pool rw - zfs pool/data rw\n"
      "33 1 0:53 / /remote rw - fuse.sshfs host: rw\n"
      "34 1 0:54 / /run rw - tmpfs tmpfs rw\nnonsense\n");
  REQUIRE(mounts.local.size() == 3);
  CHECK(mounts.local[0].mountpoint == "/");
  CHECK(mounts.local[1].mountpoint == "/with blank");
  CHECK(mounts.local[2].device == "pool/data");
  REQUIRE(mounts.others.size() == 2);
  CHECK(mounts.others[0].mountpoint == "/home");
}

TEST_CASE("a filesystem's states add up to its size", "[host]") {
  const file_tree tree;
  tree.write("stat", "cpu0 1 2 3 4\n");
  tree.write("self/mountinfo",
             "28 1 254:0 / " + tree.path("self") +
                 " rw - ext4 /dev/vda rw\n29 1 254:1 / /nowhere rw - ext4 /dev/vdb rw\n"
                 "30 1 0:50 / /home rw - nfs4 server:/home rw\n");
  host_collector source{{.proc = tree.path()}};
  const collected found = collected_by(source);
  double sum = 0;
  for (const auto& number : found.numbers()) {
    if (number.instrument->name == "system.filesystem.usage")
      sum += static_cast<double>(number.value);
  }
  CHECK(sum > 0);
  const attributes labels{{"system.device", "/dev/vda"},
                          {"system.filesystem.mountpoint", tree.path("self")},
                          {"system.filesystem.type", "ext4"}};
  CHECK(collected_value(found, "system.filesystem.limit", labels) == sum);
  struct statvfs answer {};
  REQUIRE(statvfs(tree.path().c_str(), &answer) == 0);
  CHECK(sum == static_cast<double>(answer.f_blocks) * static_cast<double>(answer.f_frsize));
  const auto share = collected_value(found, "system.filesystem.utilization", labels);
  REQUIRE(share.has_value());
  CHECK(*share > 0);
  CHECK(*share < 1);
  CHECK(lacking_reason(found, "system.filesystem.usage /nowhere") == "statvfs() refuses");
  CHECK_THAT(lacking_reason(found, "system.filesystem.usage /home"), Catch::Contains("nfs4"));
}

TEST_CASE("a thousand mounts on a network are as many reasons as the limit allows", "[host]") {
  const file_tree tree;
  tree.write("stat", "cpu0 1 2 3 4\n");
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += "30 1 0:50 / /home" + std::to_string(i) + " rw - nfs4 server:/home rw\n";
  }
  tree.write("self/mountinfo", text);
  host_collector source{{.most_filesystems = 2, .proc = tree.path()}};
  const collected found = collected_by(source);
  CHECK_FALSE(lacking_reason(found, "system.filesystem.usage /home1").empty());
  CHECK(lacking_reason(found, "system.filesystem.usage /home2").empty());
  CHECK(lacking_reason(found, "system.filesystem.usage of others") ==
        "998 more filesystems may never answer");
}

TEST_CASE("a thousand interfaces are as many series as the limit allows", "[host]") {
  const file_tree tree;
  tree.write("stat", "cpu0 1 2 3 4\n");
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text +=
        "veth" + std::to_string(i) + ": " + std::to_string(i) + " 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n";
  }
  tree.write("net/dev", text);
  host_collector source{{.most_devices = 3, .proc = tree.path()}};
  const collected found = collected_by(source);
  const auto received = [&](std::string_view name) {
    return collected_value(found, "system.network.io",
                           {{"network.interface.name", name}, {"network.io.direction", "receive"}});
  };
  CHECK(received("veth999") == 999.0);
  CHECK_FALSE(received("veth996").has_value());
  CHECK(received("_OTHER") == 999.0 * 1000 / 2 - 999 - 998 - 997);
}

}  // namespace
