// GPUs say what they do, by a library that is loaded at run time. Without GPU, driver or library there is a reason
// and no number.

#include <support/collected_numbers.hpp>

#include <querytap/servers/host/gpu_collector.hpp>
#include <servers/host/gpu_instruments.hpp>

#include <catch2/catch.hpp>

#include <dlfcn.h>

#include <chrono>
#include <set>
#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::collected_by;
using querytap::testing::collected_text;
using querytap::testing::collected_value;
using querytap::testing::faults_of_series;
using querytap::testing::lacking_reason;

constexpr const char* stand_in = QUERYTAP_NVML_STAND_IN;

/// The stand-in, as long as it lives.
class gpu_driver {
 public:
  gpu_driver() : handle_{dlopen(stand_in, RTLD_NOW | RTLD_LOCAL)} { REQUIRE(handle_ != nullptr); }
  gpu_driver(const gpu_driver&) = delete;
  gpu_driver& operator=(const gpu_driver&) = delete;
  ~gpu_driver() {
    for (const std::string& function : changed_) answer(function.c_str(), 0);
    dlclose(handle_);
  }

  void fails(const std::string& function, int code) {
    changed_.insert(function);
    answer(function.c_str(), code);
  }
  [[nodiscard]] int started() const {
    return reinterpret_cast<int (*)()>(dlsym(handle_, "stand_in_started"))();
  }

 private:
  void answer(const char* function, int code) const {
    reinterpret_cast<void (*)(const char*, int)>(dlsym(handle_, "stand_in_answers"))(function,
                                                                                     code);
  }

  void* handle_;
  std::set<std::string> changed_;
};

TEST_CASE("every instrument of a GPU has a unit, a description and a name of its own", "[gpu]") {
  std::set<std::string_view> names;
  for (const instrument* each : catalog::gpu::all) {
    INFO(each->name);
    CHECK_FALSE(each->unit.empty());
    CHECK(each->description.ends_with('.'));
    CHECK(names.insert(each->name).second);
  }
}

TEST_CASE("a GPU says what it does", "[gpu]") {
  const gpu_driver driver;
  gpu_collector source{{.most_gpus = 1, .library = stand_in}};
  const collected found = collected_by(source);
  CHECK(faults_of_series(found) == "");
  const std::string gpu = "hw.id=GPU-00000000 hw.name=NVIDIA Stand-In";
  CHECK(collected_text(found, "hw.gpu.") ==
        "hw.gpu.info hw.driver_version=570.1 " + gpu + " hw.vendor=NVIDIA 1\n" +
            "hw.gpu.utilization hw.gpu.task=general " + gpu + " 370\n" +
            "hw.gpu.memory.controller.utilization " + gpu + " 120\n" +
            "hw.gpu.utilization hw.gpu.task=encoder " + gpu + " 50\n" +  //
            "hw.gpu.memory.usage " + gpu + " 1000\n" +                   //
            "hw.gpu.memory.limit " + gpu + " 4000\n" +                   //
            "hw.gpu.memory.utilization " + gpu + " 250000\n" +           //
            "hw.gpu.speed hw.gpu.clock=graphics " + gpu + " 1980000000\n" +
            "hw.gpu.speed hw.gpu.clock=sm " + gpu + " 1980000000\n" +
            "hw.gpu.speed hw.gpu.clock=memory " + gpu + " 2619000000\n" +
            "hw.gpu.slowdown hw.gpu.slowdown.reason=power_limit " + gpu + " 1\n" +
            "hw.gpu.slowdown hw.gpu.slowdown.reason=hardware " + gpu + " 0\n" +
            "hw.gpu.slowdown hw.gpu.slowdown.reason=sync_boost " + gpu + " 0\n" +
            "hw.gpu.slowdown hw.gpu.slowdown.reason=software_thermal " + gpu + " 0\n" +
            "hw.gpu.slowdown hw.gpu.slowdown.reason=hardware_thermal " + gpu + " 1\n" +
            "hw.gpu.slowdown hw.gpu.slowdown.reason=power_brake " + gpu + " 0\n" +
            "hw.gpu.process.count " + gpu + " 2\n");
  CHECK(collected_text(found, "hw.power") == "hw.power " + gpu + " hw.type=gpu 150500\n" +
                                                 "hw.power.limit " + gpu + " hw.type=gpu 700000\n");
  CHECK(collected_text(found, "hw.energy") == "hw.energy " + gpu + " hw.type=gpu 1234567\n");
  CHECK(collected_text(found, "hw.temperature") ==
        "hw.temperature " + gpu + " 45\n" +
            "hw.temperature.limit hw.id=GPU-00000000 hw.limit_type=high.degraded "
            "hw.name=NVIDIA Stand-In 87\n");
  CHECK(collected_text(found, "hw.errors") ==
        "hw.errors error.type=corrected " + gpu + " hw.type=gpu 3\n" +
            "hw.errors error.type=uncorrected " + gpu + " hw.type=gpu 1\n");
  CHECK(collected_text(found, "process.gpu") == "process.gpu.memory.usage " + gpu + " 900\n");
  CHECK(lacking_reason(found, "hw.gpu") == "1 of them are past most_gpus");
}

TEST_CASE("each GPU has its own numbers, and of processes of others none is named", "[gpu]") {
  const gpu_driver driver;
  gpu_collector source{{.library = stand_in}};
  const collected found = collected_by(source);
  CHECK(faults_of_series(found) == "");
  CHECK(collected_value(found, "hw.gpu.utilization",
                        {{"hw.gpu.task", "general"},
                         {"hw.id", "GPU-00000001"},
                         {"hw.name", "NVIDIA Stand-In"}}) == 0.38);
  CHECK(collected_text(found, "process.gpu").find("GPU-00000001") == std::string::npos);
  CHECK_THAT(lacking_reason(found, "process.gpu.memory.usage GPU-00000001"),
             Catch::Contains("lists no memory of this process"));
}

TEST_CASE("what a GPU does not offer is lacking, with the reason, and nothing else is", "[gpu]") {
  gpu_driver driver;
  driver.fails("energy", 3);
  driver.fails("errors", 3);
  driver.fails("power", 4);
  driver.fails("processes", 999);
  driver.fails("encoder", 3);
  gpu_collector source{{.most_gpus = 1, .library = stand_in}};
  const collected found = collected_by(source);
  CHECK(lacking_reason(found, "hw.energy GPU-00000000") ==
        "the driver does not support it for this GPU");
  CHECK_THAT(lacking_reason(found, "hw.power GPU-00000000"), Catch::Contains("permission"));
  CHECK_THAT(lacking_reason(found, "hw.gpu.process.count GPU-00000000"),
             Catch::Contains("error 999"));
  CHECK(lacking_reason(found, "hw.errors GPU-00000000") != "");
  for (const char* name : {"hw.energy", "hw.power ", "hw.errors", "process.gpu"}) {
    CHECK(collected_text(found, name) == "");
  }
  CHECK(collected_text(found, "hw.temperature") != "");
}

TEST_CASE("a GPU that is lost takes no other with it", "[gpu]") {
  gpu_driver driver;
  gpu_collector source{{.library = stand_in}};
  CHECK(collected_text(collected_by(source), "hw.power") != "");
  driver.fails("handle", 15);
  const collected found = collected_by(source);
  CHECK(found.numbers().empty());
  CHECK_THAT(lacking_reason(found, "hw.gpu 0"), Catch::Contains("the GPU is lost"));
  CHECK_THAT(lacking_reason(found, "hw.gpu 1"), Catch::Contains("the GPU is lost"));
}

TEST_CASE("no library, no driver and too old a driver have each their reason", "[gpu]") {
  const auto reason_with = [](const std::string& library) {
    gpu_collector source{{.library = library}};
    const collected found = collected_by(source);
    CHECK(found.numbers().empty());
    return lacking_reason(found, "hw.gpu");
  };
  CHECK_THAT(reason_with("/nowhere/libnvidia-ml.so.1"), Catch::Contains("is not installed"));
  CHECK_THAT(reason_with("libm.so.6"), Catch::Contains("lacks functions that are needed"));
  CHECK_THAT(reason_with(QUERYTAP_OLD_NVML_STAND_IN), Catch::Contains("too old"));
  gpu_driver driver;
  driver.fails("init", 9);
  CHECK(reason_with(stand_in) == "the NVIDIA driver is not loaded");
  driver.fails("init", 18);
  CHECK_THAT(reason_with(stand_in), Catch::Contains("a restart helps"));
}

TEST_CASE("a driver that comes later is found, and let go at the end", "[gpu]") {
  gpu_driver driver;
  driver.fails("init", 9);
  {
    gpu_collector source{{.library = stand_in}};
    CHECK(collected_by(source).numbers().empty());
    CHECK(driver.started() == 0);
    driver.fails("init", 0);
    CHECK_FALSE(collected_by(source).numbers().empty());
    CHECK_FALSE(collected_by(source).numbers().empty());
    CHECK(driver.started() == 1);
    driver.fails("count", 18);
    CHECK_THAT(lacking_reason(collected_by(source), "hw.gpu"), Catch::Contains("a restart helps"));
    CHECK(driver.started() == 0);
    driver.fails("count", 0);
    CHECK_FALSE(collected_by(source).numbers().empty());
  }
  CHECK(driver.started() == 0);
}

TEST_CASE("the driver of this machine answers, or there is a reason", "[gpu]") {
  gpu_collector source;
  const collected found = collected_by(source);
  CHECK(faults_of_series(found) == "");
  if (found.numbers().empty()) {
    CHECK(lacking_reason(found, "hw.gpu") != "");
    return;
  }
  CHECK(collected_text(found, "hw.gpu.memory.limit") != "");
}

}  // namespace
