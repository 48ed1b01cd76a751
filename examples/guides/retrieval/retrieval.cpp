// Where the time of an answer goes, stage by stage, and how good what was found is, without labels.
//
//     $ build/examples/guide_retrieval
//     POST /chat
//       embed                    5.00 ms
//       retrieve vector          20.0 ms  10 results
//       retrieve fulltext        10.0 ms  4 results
//       merge                    1.00 ms  5 results
//       generate                  900 ms
//     2 questions, 20 results asked for, 10 returned, 7 repeated

#include <querytap/calls/component.hpp>
#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/retrieval/rag_request.hpp>
#include <querytap/calls/retrieval/retrieval_quality.hpp>
#include <querytap/querytap.hpp>
#include <querytap/testing/manual_clock.hpp>

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using querytap::rag_stage;

struct passage {
  std::string text;
  double distance;
};

// A library whose searches take some time of the example's own clock.
struct library {
  querytap::manual_clock& time;

  std::vector<passage> near(std::string_view, std::size_t count) const {
    time.advance(20ms);
    return std::vector<passage>(count, {"page", 0.25});
  }
  std::vector<passage> with_words(std::string_view) const {
    time.advance(10ms);
    return std::vector<passage>(4, {"page", 0.5});
  }
};

// [guide]
std::string answer(const querytap::rag_pipeline& chat, const library& pages,
                   querytap::manual_clock& time, std::string_view question) {
  querytap::rag_request request{chat};  // was: querytap::request
  {
    const auto embedding = request.begin(rag_stage::embed);
    time.advance(5ms);  // the model's client
  }
  auto search = request.begin(rag_stage::retrieve, "vector");
  search.results(pages.near(question, 10).size());
  search.finish();
  auto words = request.begin(rag_stage::retrieve, "fulltext");
  words.results(pages.with_words(question).size());
  words.finish();

  request.add(rag_stage::merge, {}, 1ms, 5);  // measured elsewhere, on another thread say
  const auto writing = request.begin(rag_stage::generate);
  time.advance(900ms);
  return "an answer";
}
// [/guide]

// [guide]
void measure(const querytap::retrieval_quality& quality, std::string_view question,
             const std::vector<passage>& found) {
  querytap::parameter_digest asked;  // a hash that is worth nothing outside of the process
  asked.add(question);
  std::vector<double> distances;
  std::vector<std::uint64_t> texts;
  for (const passage& each : found) {
    querytap::parameter_digest text;
    text.add(std::string_view{each.text});
    texts.push_back(text.hash());
    distances.push_back(each.distance);
  }
  quality.record({.asked = 10,
                  .returned = found.size(),
                  .distances = distances,
                  .passages = texts,
                  .question = asked.hash()});
}
// [/guide]

// [guide]
void validate(const querytap::component& validator, std::string_view answer) {
  querytap::component_call call = validator.begin();
  call.quality(answer.empty() ? 0.0 : 0.9);  // from 0 to 1, as it values the answer
}
// [/guide]

void print(const querytap::request_report& report) {
  fmt::print("{}\n", report.name);
  for (const querytap::request_stage& stage : report.stages) {
    fmt::print("  {:<20} {:>11}{}\n",
               stage.strategy.empty() ? stage.stage : stage.stage + ' ' + stage.strategy,
               querytap::human_duration(stage.duration),
               stage.results ? fmt::format("  {} results", *stage.results) : "");
  }
}

std::uint64_t sum_of(const querytap::snapshot& snapshot, std::string_view metric) {
  std::uint64_t sum = 0;
  for (const querytap::point& point : snapshot.find(metric)) {
    sum += point.histogram ? point.histogram->sum() : static_cast<std::uint64_t>(point.number);
  }
  return sum;
}

}  // namespace

int main() {
  querytap::manual_clock time;
  querytap::recorder recorder{{.service_name = "chatbot", .slow_request = 0s, .time = &time}};
  const querytap::rag_pipeline chat{recorder, "POST /chat"};
  const querytap::retrieval_quality quality{recorder, {.strategy = "vector"}};
  const querytap::component validator{recorder, "answer_validator"};

  validate(validator, answer(chat, {time}, time, "Which call creates a pipe?"));
  measure(quality, "Which call creates a pipe?", std::vector<passage>(8, {"page", 0.25}));
  measure(quality, "And which one closes it?", {{"close(2)", 0.1}, {"pipe(2)", 0.3}});

  const querytap::snapshot snapshot = recorder.collect();
  print(*snapshot.requests.front());
  fmt::print("2 questions, {} results asked for, {} returned, {} repeated\n",
             sum_of(snapshot, "querytap.retrieval.asked"),
             sum_of(snapshot, "querytap.retrieval.returned"),
             sum_of(snapshot, "querytap.retrieval.duplicates"));
}
