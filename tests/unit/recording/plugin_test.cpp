// A plugin may record into the host's recorder from its own threads and be closed: nothing is lost.

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <catch2/catch.hpp>

#include <dlfcn.h>

using namespace querytap;

TEST_CASE("what a plugin's threads recorded is exact after the plugin is closed") {
  using record_function = void (*)(const histogram*, const counter*, int, int);
  recorder recorder{{.service_name = "test"}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  const counter timeouts = recorder.bind_counter(catalog::connection_timeouts, {});
  for (int round = 1; round <= 3; ++round) {
    void* plugin = dlopen(QUERYTAP_TEST_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    INFO(dlerror());
    REQUIRE(plugin != nullptr);
    const auto record = reinterpret_cast<record_function>(dlsym(plugin, "record_from_plugin"));
    REQUIRE(record != nullptr);
    record(&latency, &timeouts, 8, 1'000);
    latency.record(std::uint64_t{7});
    dlclose(plugin);

    const auto points = recorder.collect().find(catalog::operation_duration.name);
    REQUIRE(points.size() == 1);
    CHECK(points[0].histogram->count() == static_cast<std::uint64_t>(round) * 8'001);
    CHECK(points[0].histogram->sum() == static_cast<std::uint64_t>(round) * 7 * 8'001);
    CHECK(recorder.collect().find(catalog::connection_timeouts.name).at(0).number == round * 8'000);
  }
}
