// A plugin may record into the host's recorder from its own threads and be closed: nothing is lost.

#include <querytap/calls/backend.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <catch2/catch.hpp>

#include <dlfcn.h>

#include <string>
#include <vector>

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

TEST_CASE("a plugin that calls through a copy of the library of its own causes one warning") {
  using call_function = void (*)(recorder*, int);
  std::vector<std::string> warnings;
  recorder recorder{{.service_name = "test",
                     .warn = [&](std::string_view text) { warnings.emplace_back(text); }}};
  backend own{recorder, {.system = "sqlite"}};
  CHECK(warnings.empty());
  void* plugin = dlopen(QUERYTAP_TEST_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  INFO(dlerror());
  REQUIRE(plugin != nullptr);
  const auto call = reinterpret_cast<call_function>(dlsym(plugin, "call_from_plugin"));
  REQUIRE(call != nullptr);
  call(&recorder, 3);
  call(&recorder, 3);
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0],
             Catch::StartsWith("a plugin uses this recorder with a copy of the library"));
  const auto points = recorder.collect().find(catalog::operation_duration.name);
  REQUIRE(points.size() == 1);
  CHECK(points[0].histogram->count() == 6);
  // Not closed: what it has made for the recorder is the recorder's.
}
