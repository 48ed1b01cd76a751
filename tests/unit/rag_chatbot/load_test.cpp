// Questions are asked by the clock, and a service that stalls cannot hide the questions that waited.

#include <rag_chatbot/load/load.hpp>

#include <catch2/catch.hpp>

using namespace rag_chatbot;
using namespace std::chrono_literals;

namespace {

/// Advances only when a user waits for a time, or an answer takes time.
class manual_time final : public load_time {
 public:
  explicit manual_time(std::chrono::nanoseconds end = 1h) : end_{end} {}

  std::chrono::nanoseconds elapsed() override { return elapsed_; }
  bool wait_until(std::chrono::nanoseconds when) override {
    if (when >= end_) return false;
    elapsed_ = std::max(elapsed_, when);
    return true;
  }
  void advance(std::chrono::nanoseconds time) { elapsed_ += time; }

 private:
  std::chrono::nanoseconds elapsed_{0};
  std::chrono::nanoseconds end_;
};

const std::vector<known_question> six_questions(6, {"Which call creates a pipe?", "pipe(2)"});
const schedule one_user{6, 1, 1s, 1};
const chat_answer right{200, 7, {"fork(2)", "pipe(2)"}};

using latencies = std::vector<std::chrono::nanoseconds>;

}  // namespace

TEST_CASE("a schedule has as many questions as its rate says, all within its time", "[schedule]") {
  const schedule plan{50, 3, 20s, 1};
  CHECK(plan.questions() == 1000);
  CHECK(plan.start_of(0) >= 0s);
  CHECK(plan.start_of(999) < 20s);
  for (std::size_t i = 1; i < 1000; ++i) CHECK(plan.start_of(i - 1) <= plan.start_of(i));
  CHECK(schedule{0.1, 1, 5s, 1}.questions() == 1);
  CHECK(schedule{10, 1, 0s, 1}.questions() == 0);
}

TEST_CASE("a schedule is spread evenly but not regularly, and the same for the same seed",
          "[schedule]") {
  const schedule plan{50, 3, 20s, 1};
  const schedule same{50, 3, 20s, 1};
  const schedule other{50, 3, 20s, 2};
  std::size_t in_first_half = 0;
  std::size_t close_together = 0;  // e^(-1/2) of the gaps are longer than half the mean one
  for (std::size_t i = 0; i < 1000; ++i) {
    CHECK(plan.start_of(i) == same.start_of(i));
    if (plan.start_of(i) < 10s) ++in_first_half;
    if (i > 0 && plan.start_of(i) - plan.start_of(i - 1) < 10ms) ++close_together;
  }
  CHECK(in_first_half == Approx(500).margin(60));
  CHECK(close_together == Approx(393).margin(60));
  CHECK(plan.start_of(0) != other.start_of(0));
}

TEST_CASE("users take turns, each when its questions are due", "[load]") {
  const schedule plan{6, 2, 1s, 1};
  manual_time time;
  latencies asked_at;
  const auto result = run_user(1, plan, six_questions, time, [&](const auto&, const auto&) {
    asked_at.push_back(time.elapsed());
    return right;
  });
  CHECK(asked_at == latencies{plan.start_of(1), plan.start_of(3), plan.start_of(5)});
  CHECK(result.asked == 3);
  CHECK(result.latencies == latencies{0ms, 0ms, 0ms});
}

TEST_CASE("a question that waited for the one before it is measured from when it was due",
          "[load]") {
  const schedule plan{6, 1, 1s, 1};
  manual_time time;
  const auto result =
      run_user(0, plan, std::span{six_questions}.first(3), time, [&](const auto&, const auto&) {
        time.advance(2s);
        return right;
      });
  const auto first_start = plan.start_of(0);
  CHECK(result.latencies ==
        latencies{2s, first_start + 4s - plan.start_of(1), first_start + 6s - plan.start_of(2)});
}

TEST_CASE("a user stays in the conversation that the service began", "[load]") {
  manual_time time;
  std::vector<std::optional<conversation_id>> conversations;
  static_cast<void>(run_user(0, one_user, std::span{six_questions}.first(3), time,
                             [&](const auto& conversation, const auto&) {
                               conversations.push_back(conversation);
                               return right;
                             }));
  CHECK(conversations == std::vector<std::optional<conversation_id>>{std::nullopt, 7, 7});
}

TEST_CASE("only the first five pages count as found, and failures have no latency", "[load]") {
  manual_time time;
  const std::vector<chat_answer> answers{right,
                                         {200, 7, {"a", "b", "c", "d", "pipe(2)"}},
                                         {200, 7, {"a", "b", "c", "d", "e", "pipe(2)"}},
                                         {200, 7, {}},
                                         {503, std::nullopt, {}},
                                         {0, std::nullopt, {}}};
  std::size_t next = 0;
  const auto result = run_user(0, one_user, six_questions, time,
                               [&](const auto&, const auto&) { return answers[next++]; });
  CHECK(result.asked == 6);
  CHECK(result.failed == 2);
  CHECK(result.found == 2);
  CHECK(result.latencies.size() == 4);
}

TEST_CASE("a load that is to end asks nothing more", "[load]") {
  manual_time time{one_user.start_of(3)};
  const auto result =
      run_user(0, one_user, six_questions, time, [&](const auto&, const auto&) { return right; });
  CHECK(result.asked == 3);
}
