// A recorder that is switched off records nothing, and its clients still work.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <stdexcept>

using namespace querytap;

namespace {

bool records_anything(recorder& recorder) {
  const backend sqlite{recorder, {.system = "sqlite", .dialect = dialect::sqlite}};
  sqlite.record_phase("connect", std::chrono::milliseconds{1});
  try {
    request chat{recorder, "POST /chat"};
    operation call{sqlite.statement_for("select 1")};
    call.rows(1);
    call.fail(outcome::error("5"));
    operation moved{std::move(call)};
    throw std::runtime_error{"out of both"};
  } catch (const std::runtime_error&) {
  }
  recorder.bind_counter(catalog::connection_timeouts, {}).add();
  return !recorder.collect().metrics.empty();
}

}  // namespace

TEST_CASE("the option switches a recorder off") {
  recorder off{{.service_name = "test", .disabled = true}};
  CHECK_FALSE(off.enabled());
  CHECK_FALSE(records_anything(off));
  recorder on{{.service_name = "test"}};
  CHECK(on.enabled());
  CHECK(records_anything(on));
}

TEST_CASE("OTEL_SDK_DISABLED switches every recorder off, if it is true and nothing else") {
  for (const char* value : {"true", "TRUE"}) {
    setenv("OTEL_SDK_DISABLED", value, 1);
    recorder off{{.service_name = "test"}};
    CHECK_FALSE(records_anything(off));
  }
  for (const char* value : {"", "1", "yes", "truey", "tru"}) {
    setenv("OTEL_SDK_DISABLED", value, 1);
    recorder on{{.service_name = "test"}};
    CHECK(records_anything(on));
  }
  unsetenv("OTEL_SDK_DISABLED");
}
