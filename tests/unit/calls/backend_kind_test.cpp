// A call of a model or by HTTP is an operation as any other: only the names that it is exported by are those of
// its own conventions.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/snapshot/call_convention.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/statement_table.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>
#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;

const backend_options openai{.system = "openai",
                             .kind = backend_kind::model,
                             .server_address = "api.openai.com",
                             .server_port = 443};
const backend_options weather{.system = "weather",
                              .kind = backend_kind::http,
                              .server_address = "weather.example",
                              .server_port = 80};

void call_for(capture& telemetry, const backend_options& options, std::string_view text,
              std::chrono::nanoseconds time, const outcome& ending = outcome::ok()) {
  const backend service{telemetry.recorder(), options};
  operation call{service.statement_for(text)};
  telemetry.time().advance(time);
  call.fail(ending);
}

}  // namespace

TEST_CASE("a call of a model is exported by the names of the conventions for models",
          "[backend_kind]") {
  capture telemetry;
  call_for(telemetry, openai, "chat gpt-4o-mini", 30ms);
  CHECK(telemetry.text("gen_ai.client.operation.duration") ==
        "gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=gpt-4o-mini "
        "server.address=api.openai.com server.port=443 count=1 sum=0.03 (0.0287,0.0312]=1");
  CHECK(telemetry.text("db.client.operation.duration").empty());
}

TEST_CASE("a failed call of a model has its error.type, and no status code", "[backend_kind]") {
  capture telemetry;
  call_for(telemetry, openai, "embeddings small", 1ms, outcome::error("429", "429"));
  CHECK_THAT(telemetry.text("gen_ai.client.operation.duration"),
             Catch::StartsWith("error.type=429 gen_ai.operation.name=embeddings") &&
                 !Catch::Contains("status"));
}

TEST_CASE(
    "a call by HTTP is exported by method and template, with the status also where it is no "
    "failure",
    "[backend_kind]") {
  capture telemetry;
  const backend service{telemetry.recorder(), weather};
  {
    operation call{service.statement_for("GET /cities/{id}")};
    telemetry.time().advance(30ms);
    call.answered("200");
  }
  CHECK(telemetry.text("http.client.request.duration") ==
        "http.request.method=GET http.response.status_code=200 server.address=weather.example "
        "server.port=80 url.template=/cities/{id} count=1 sum=0.03 (0.0287,0.0312]=1");
  {
    operation call{service.statement_for("GET /cities/{id}")};
    call.answered("503");
    call.fail(outcome::error("503", "503"));
  }
  CHECK_THAT(
      telemetry.text("http.client.request.duration"),
      Catch::Contains("error.type=503 http.request.method=GET http.response.status_code=503"));
}

TEST_CASE("the status of an answer is in reports, and counts as no error", "[backend_kind]") {
  capture telemetry;
  const backend service{telemetry.recorder(), weather};
  {
    const request request{telemetry.recorder(), "GET /forecast"};
    operation call{service.statement_for("GET /cities/{id}")};
    telemetry.time().advance(2s);
    call.answered("304");
  }
  const snapshot snapshot = telemetry.recorder().collect();
  REQUIRE(snapshot.call_reports.size() == 1);
  CHECK(snapshot.call_reports[0]->reason == report_reason::slow);
  CHECK(snapshot.call_reports[0]->status_code == "304");
  CHECK(snapshot.call_reports[0]->error_type.empty());
  const request_report report = telemetry.last_request();
  REQUIRE(report.calls.size() == 1);
  CHECK(report.calls[0].status_code == "304");
  CHECK_FALSE(report.calls[0].failed);
  CHECK(report.backends.at(0).errors == 0);
  CHECK(statement_table(snapshot).at(0).errors == 0);
}

TEST_CASE("calls of all kinds stand in one table and one ledger", "[backend_kind]") {
  capture telemetry{recorder_options{.slow_request = 0ns}};
  {
    const request request{telemetry.recorder(), "POST /chat"};
    call_for(telemetry, {.system = "chroma", .dialect = dialect::named}, "query documents", 10ms);
    call_for(telemetry, weather, "GET /cities/{id}", 20ms);
    call_for(telemetry, openai, "chat gpt-4o", 30ms);
  }
  std::string table;
  for (const statement_row& row : statement_table(telemetry.recorder().collect())) {
    table += row.system + ": " + row.statement->text + '\n';
  }
  CHECK(table == "openai: chat gpt-4o\nhttp: GET /cities/{id}\nchroma: query documents\n");
  std::string shares;
  for (const backend_share& share : telemetry.last_request().backends) {
    shares += share.system + ' ' + std::to_string(share.phases.total() / 1ms) + '\n';
  }
  CHECK(shares == "chroma 10\nweather 20\nopenai 30\n");
}

TEST_CASE("by the conventions in the making, answers and embeddings have durations of their own",
          "[backend_kind]") {
  capture telemetry{recorder_options{.gen_ai_names = gen_ai_names::latest}};
  call_for(telemetry, openai, "chat gpt-4o", 1ms);
  call_for(telemetry, openai, "embeddings small", 1ms);
  call_for(telemetry, openai, "rerank best", 1ms);
  CHECK_THAT(telemetry.text("gen_ai.client.inference.duration"), Catch::Contains("gpt-4o"));
  CHECK_THAT(telemetry.text("gen_ai.client.embeddings.duration"), Catch::Contains("small"));
  CHECK_THAT(telemetry.text("gen_ai.client.operation.duration"),
             Catch::Contains("rerank") && !Catch::Contains("gpt-4o"));
}

TEST_CASE("OTEL_SEMCONV_STABILITY_OPT_IN chooses the conventions in the making", "[backend_kind]") {
  setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "http/dup, gen_ai_latest_experimental", 1);
  const recorder latest{{.service_name = "test"}};
  setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental_too", 1);
  const recorder other{{.service_name = "test"}};
  unsetenv("OTEL_SEMCONV_STABILITY_OPT_IN");
  CHECK(latest.options().gen_ai_names == gen_ai_names::latest);
  CHECK(other.options().gen_ai_names == gen_ai_names::v1_41);
}

TEST_CASE("a named statement is its text, with single blanks and in valid UTF-8",
          "[backend_kind]") {
  recorder recorder{{.service_name = "test"}};
  const backend service{recorder, weather};
  const auto text = [&](std::string_view named) {
    return service.statement_for(named).identity().text;
  };
  CHECK(text(" GET\t\n /cities/{id} ") == "GET /cities/{id}");
  CHECK(text("GET /caf\xC3\xA9") == "GET /caf\xC3\xA9");
  CHECK(text("GET /\xFF") == "GET /\xEF\xBF\xBD");
  CHECK(text(std::string(1000, 'x')).size() == 255);
  CHECK(text("").empty());
  CHECK(text("select '17'") == "select '17'");
}

TEST_CASE(
    "one call of a model over and over is an N+1, and asking it twice the same is a duplicate only "
    "of embeddings",
    "[backend_kind]") {
  const auto kinds_of = [](std::string_view text, int calls, std::uint64_t parameters) {
    capture telemetry;
    const backend model{telemetry.recorder(), openai};
    {
      const request request{telemetry.recorder(), "POST /chat"};
      for (int i = 0; i < calls; ++i) {
        operation call{model.statement_for(text)};
        call.parameters(parameters == 0 ? static_cast<std::uint64_t>(i) + 1 : parameters);
      }
    }
    std::string kinds;
    for (const auto& finding : telemetry.recorder().collect().findings) {
      kinds += std::string{to_string(finding->kind)} + ' ';
    }
    return kinds;
  };
  CHECK(kinds_of("embeddings small", 5, 0) == "n_plus_one ");
  CHECK(kinds_of("embeddings small", 2, 7) == "duplicate ");
  CHECK(kinds_of("chat gpt-4o", 2, 7).empty());
}

TEST_CASE("a failure keeps its type where too many models have answered", "[backend_kind]") {
  capture telemetry;
  const backend router{telemetry.recorder(), openai};
  const statement& chat = router.statement_for("chat auto");
  int failed = 0;
  for (const std::string model : {"a", "b", "c", "d", "e", "f", "g", "h", "i"}) {
    for (const std::string_view type : {"", "429", "500", "502", "503", "timeout"}) {
      operation call{chat};
      if (!type.empty()) call.fail(outcome::error(type));
      failed += type.empty() ? 0 : 1;
      call.answered_by(model);
    }
  }
  std::uint64_t known = 0;
  const snapshot snapshot = telemetry.recorder().collect();
  for (const point& p : snapshot.find("gen_ai.client.operation.duration")) {
    const auto* const type = p.series->labels.find("error.type");
    if (type != nullptr) known += p.histogram->count();
    CHECK((type == nullptr || to_string(*type) != "_OTHER"));
  }
  CHECK(known == static_cast<std::uint64_t>(failed));
}
