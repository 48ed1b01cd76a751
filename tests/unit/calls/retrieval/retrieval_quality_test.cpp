// What a search returns is measured without labels: how much, how far apart, how often the same, how old, and
// whether it is what the same question got before.

#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/retrieval/retrieval_quality.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;

const retrieval_source pages{.system = "chroma", .collection = "pages", .strategy = "vector"};
const std::string labels =
    "db.collection.name=pages db.system.name=chroma querytap.strategy=vector ";

std::string exported(capture& telemetry, const std::string& name) {
  return telemetry.text("querytap.retrieval." + name);
}

}  // namespace

TEST_CASE("asked and returned are counted, and searches without a result", "[retrieval_quality]") {
  capture telemetry;
  const retrieval_quality quality{telemetry.recorder(), pages};
  quality.record({.asked = 10, .returned = 10});
  quality.record({.asked = 10, .returned = 0});
  CHECK(exported(telemetry, "asked") == labels + "count=2 sum=20 (9,10]=2");
  CHECK(exported(telemetry, "returned") == labels + "count=2 sum=10 (0,0]=1 (9,10]=1");
  CHECK(exported(telemetry, "empty") == labels + "value=1");
}

TEST_CASE("distances and the margin between the first and the last are numbers, whatever is sent",
          "[retrieval_quality]") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  capture telemetry;
  const retrieval_quality quality{telemetry.recorder(), pages};
  const std::vector<double> distances{0.25, std::nan(""), infinity, 0.75};
  quality.record({.asked = 4, .returned = 4, .distances = distances});
  CHECK_THAT(exported(telemetry, "distance"), Catch::Contains("count=2 sum=1 "));
  CHECK_THAT(exported(telemetry, "score_margin"), Catch::Contains("count=1 sum=0.5 "));
  const std::vector<double> inner_products{-3, 1e300};
  quality.record({.asked = 2, .returned = 2, .distances = inner_products});
  CHECK_THAT(exported(telemetry, "distance"), Catch::Contains("count=4 sum=1000000000000.9999 "));
}

TEST_CASE("one result has no margin", "[retrieval_quality]") {
  capture telemetry;
  const retrieval_quality quality{telemetry.recorder(), pages};
  const std::vector<double> single{0.5};
  quality.record({.asked = 1, .returned = 1, .distances = single});
  CHECK(exported(telemetry, "score_margin").empty());
}

TEST_CASE("passages that repeat others of their search are counted", "[retrieval_quality]") {
  capture telemetry;
  const retrieval_quality quality{telemetry.recorder(), pages};
  const std::vector<std::uint64_t> passages{7, 8, 7, 7, 0, 1};
  quality.record({.asked = 6, .returned = 6, .passages = passages});
  std::vector<std::uint64_t> many(1000, 5);
  quality.record(
      {.asked = 1000, .returned = 1000, .passages = many});  // the first 128 are looked at
  CHECK(exported(telemetry, "duplicates") == labels + "value=" + std::to_string(3 + 127));
}

TEST_CASE("the age of the newest source is a duration in seconds", "[retrieval_quality]") {
  capture telemetry;
  const retrieval_quality quality{telemetry.recorder(), pages};
  quality.record({.asked = 1, .returned = 1, .newest = std::chrono::hours{24 * 400}});
  CHECK_THAT(exported(telemetry, "source_age"), Catch::Contains("count=1 sum=34560000 "));
}

TEST_CASE("a question asked again has the Jaccard index of its results and the last ones",
          "[retrieval_quality]") {
  capture telemetry;
  const retrieval_quality quality{telemetry.recorder(), pages};
  const auto ask = [&](std::uint64_t question, std::vector<std::uint64_t> passages) {
    quality.record(
        {.asked = 3, .returned = passages.size(), .passages = passages, .question = question});
  };
  ask(17, {1, 2, 3});
  CHECK(exported(telemetry, "stability").empty());
  ask(17, {3, 2, 1});
  CHECK_THAT(exported(telemetry, "stability"), Catch::Contains("count=1 sum=1 "));
  ask(17, {2, 3, 4});  // 2 of 4
  CHECK_THAT(exported(telemetry, "stability"), Catch::Contains("count=2 sum=1.5 "));
  ask(17, {});
  CHECK_THAT(exported(telemetry, "stability"), Catch::Contains("count=3 sum=1.5 "));
  ask(17, {});  // nothing again is the same again
  CHECK_THAT(exported(telemetry, "stability"), Catch::Contains("count=4 sum=2.5 "));
  ask(17 + 256, {1});  // takes the place
  ask(17, {});
  CHECK_THAT(exported(telemetry, "stability"), Catch::Contains("count=4 "));
}

TEST_CASE("threads that ask one question see results of one search, never a mixture",
          "[retrieval_quality]") {
  capture telemetry;
  const retrieval_quality quality{telemetry.recorder(), pages};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      const std::vector<std::uint64_t> passages{1, 2, 3, 4, 5};
      for (int i = 0; i < 2000; ++i) {
        quality.record({.asked = 5, .returned = 5, .passages = passages, .question = 99});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto points = telemetry.recorder().collect().find("querytap.retrieval.stability");
  REQUIRE(points.size() == 1);
  const histogram_data& stability = *points[0].histogram;
  CHECK(stability.count() > 0);
  CHECK(stability.sum() == stability.count() * 1'000'000);
}

TEST_CASE("what was measured last is there for every reader, also after its end",
          "[retrieval_quality]") {
  capture telemetry{{.retire_idle_after = 10min}};
  std::thread{[&] {  // at whose end its series are out of use
    retrieval_quality moved{telemetry.recorder(), pages};
    const retrieval_quality quality{std::move(moved)};
    quality.record({.asked = 10, .returned = 10});
    moved.record({.asked = 10, .returned = 10});  // NOLINT(bugprone-use-after-move): counts nothing
  }}
      .join();
  const std::string last = labels + "count=1 sum=10 (9,10]=1";
  CHECK(exported(telemetry, "asked") == last);
  telemetry.time().advance(9min);
  CHECK(exported(telemetry, "asked") == last);
  telemetry.time().advance(2min);
  static_cast<void>(telemetry.recorder().collect());
  CHECK(exported(telemetry, "asked").empty());
}
