// The stages of a request that retrieves and generates have histograms, and stand in its ledger as a waterfall.

#include <querytap/calls/retrieval/rag_request.hpp>
#include <querytap/exporters/otlp/otlp_spans.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;

std::string waterfall(const request_report& report) {
  std::string text;
  for (const request_stage& stage : report.stages) {
    text += stage.stage + (stage.strategy.empty() ? "" : ' ' + stage.strategy) + ": " +
            std::to_string(stage.begin / 1ms) + '+' + std::to_string(stage.duration / 1ms) +
            (stage.results ? ' ' + std::to_string(*stage.results) : "") +
            (stage.failed ? " failed" : "") + '\n';
  }
  return text;
}

}  // namespace

TEST_CASE("stages are a waterfall in the ledger of their request", "[rag_request]") {
  capture telemetry;
  const rag_pipeline chat{telemetry.recorder(), "POST /chat"};
  {
    rag_request question{chat};
    {
      const auto embedding = question.begin(rag_stage::embed);
      telemetry.time().advance(5ms);
    }
    for (const std::string_view strategy : {"vector", "keyword"}) {
      auto search = question.begin(rag_stage::retrieve, strategy);
      telemetry.time().advance(10ms);
      search.results(7);
    }
    auto answer = question.begin(rag_stage::generate);
    telemetry.time().advance(100ms);
    answer.finish();
    answer.finish();  // records once
  }
  const request_report report = telemetry.last_request();
  CHECK(report.name == "POST /chat");
  CHECK(waterfall(report) ==
        "embed: 0+5\nretrieve vector: 5+10 7\nretrieve keyword: 15+10 7\ngenerate: 25+100\n");
  CHECK(report.duration == 125ms);
}

TEST_CASE("each stage and strategy has a histogram, and says how many passages it hands on",
          "[rag_request]") {
  capture telemetry;
  const rag_pipeline chat{telemetry.recorder(), "POST /chat"};
  for (int i = 0; i < 2; ++i) {
    rag_request question{chat};
    auto search = question.begin(rag_stage::retrieve, "vector");
    telemetry.time().advance(30ms);
    search.results(3);
  }
  CHECK(telemetry.text("querytap.rag.stage.duration") ==
        "querytap.request.name=POST /chat querytap.stage=retrieve querytap.strategy=vector count=2 "
        "sum=0.06 (0.0287,0.0312]=2");
  CHECK(telemetry.text("querytap.rag.stage.results") ==
        "querytap.request.name=POST /chat querytap.stage=retrieve querytap.strategy=vector count=2 "
        "sum=6 (2,3]=2");
}

TEST_CASE("a stage that an exception leaves has failed, and the exception goes on",
          "[rag_request]") {
  capture telemetry;
  const rag_pipeline chat{telemetry.recorder(), "POST /chat"};
  const auto ask = [&] {
    rag_request question{chat};
    const auto rerank = question.begin(rag_stage::rerank);
    throw std::runtime_error{"no answer"};
  };
  CHECK_THROWS_AS(ask(), std::runtime_error);
  CHECK(waterfall(telemetry.last_request()) == "rerank: 0+0 failed\n");
  CHECK_THAT(telemetry.text("querytap.rag.stage.duration"),
             Catch::StartsWith("error.type=_OTHER querytap.request.name=POST /chat "
                               "querytap.stage=rerank count=1"));
}

TEST_CASE("what other threads did is added with its time", "[rag_request]") {
  capture telemetry;
  const rag_pipeline chat{telemetry.recorder(), "POST /chat"};
  {
    rag_request question{chat};
    telemetry.time().advance(50ms);
    question.add(rag_stage::retrieve, "graph", 20ms, 4);
    question.add(rag_stage::merge, {}, -1ms);
  }
  CHECK(waterfall(telemetry.last_request()) == "retrieve graph: 30+20 4\nmerge: 50+0\n");
}

TEST_CASE("a request lists 16 stages, and counts those that it leaves out", "[rag_request]") {
  capture telemetry;
  const rag_pipeline chat{telemetry.recorder(), "POST /chat"};
  {
    rag_request question{chat};
    for (int i = 0; i < 20; ++i)
      question.add(rag_stage::prompt, "strategy of a very long name, which is cut", 1ms);
  }
  const request_report report = telemetry.last_request();
  CHECK(report.stages.size() == 16);
  CHECK(report.stages_left_out == 4);
  CHECK(report.stages[0].strategy == "strategy of a very long name, w");
}

TEST_CASE("stages of a request within a request are those of the outer one, too", "[rag_request]") {
  capture telemetry;
  const rag_pipeline chat{telemetry.recorder(), "POST /chat"};
  {
    const request outer{telemetry.recorder(), "agent"};
    rag_request question{chat};
    question.add(rag_stage::embed, {}, 1ms);
  }
  CHECK(telemetry.last_request().name == "agent");
  CHECK(telemetry.last_request().stages.size() == 1);
}

TEST_CASE("a stage is a span of its own, within that of the request", "[rag_request]") {
  capture telemetry;
  const rag_pipeline chat{telemetry.recorder(), "POST /chat"};
  {
    rag_request question{chat};
    question.add(rag_stage::retrieve, "vector", 2ms, 4);
  }
  const auto spans = to_spans(telemetry.last_request());
  REQUIRE(spans.size() == 2);
  CHECK(spans[1].name == "retrieve vector");
  CHECK(spans[1].kind == span_kind::internal);
  CHECK(spans[1].parent == spans[0].self.span_id);
  CHECK(to_string(spans[1].attributes) ==
        "querytap.stage=retrieve querytap.stage.results=4 querytap.strategy=vector");
}

TEST_CASE("switched off, stages record nothing", "[rag_request]") {
  recorder telemetry{{.service_name = "test", .disabled = true}};
  const rag_pipeline chat{telemetry, "POST /chat"};
  {
    rag_request question{chat};
    auto search = question.begin(rag_stage::retrieve, "vector");
    search.results(3);
  }
  CHECK(telemetry.collect().metrics.empty());
}
