// The cost of finding the statement of a query's text: text seen before, alone and among many, beside
// the map under a mutex that is written first in most services, and text that differs in its values
// each time.

#include "../support/benchmarks.hpp"
#include "../support/statement_text.hpp"

#include <querytap/querytap.hpp>

#include <cmath>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::bench;

const backend& documents() {
  static recorder telemetry{{.service_name = "bench", .series_limit = 10'000}};
  static const backend instance{telemetry, {.system = "postgresql"}};
  return instance;
}

void querytap_repeated(benchmark::State& state) {
  const backend& backend = documents();
  const std::string text{search_text};
  for (auto _ : state) benchmark::DoNotOptimize(&backend.statement_for(text));
}

using known_map = std::unordered_map<std::string, int>;

// A small map would compare texts and hash nothing.
known_map known_texts() {
  known_map known{{std::string{search_text}, 1}};
  for (unsigned i = 1; known.size() < 256; ++i) known.emplace(search_text_with_values(i), 1);
  return known;
}

void mutex_and_map(benchmark::State& state) {
  static std::mutex mutex;
  static const auto known = known_texts();
  const std::string text{search_text};
  for (auto _ : state) {
    const std::lock_guard lock{mutex};
    benchmark::DoNotOptimize(known.find(text));
  }
}

/// Texts of different statements, and in which order they are asked for.
struct many_texts {
  explicit many_texts(unsigned count) {
    for (unsigned i = 0; i < count; ++i) texts.push_back(search_text_of_column(i));
  }
  [[nodiscard]] const std::string& at(std::size_t turn) const noexcept {
    return texts[order[turn % order.size()]];
  }

  std::vector<std::string> texts;
  std::vector<std::uint32_t> order = std::vector<std::uint32_t>(1 << 16);
};

template <unsigned Count>
const many_texts& in_random_order() {
  static const many_texts made = [] {
    many_texts many{Count};
    std::mt19937 random{1};
    for (std::uint32_t& next : many.order) next = static_cast<std::uint32_t>(random() % Count);
    return many;
  }();
  return made;
}

// The text at rank n is asked for with a probability of 1 / n, as far as the harmonic series allows.
template <unsigned Count>
const many_texts& in_zipf_order() {
  static const many_texts made = [] {
    many_texts many{Count};
    std::mt19937 random{1};
    std::uniform_real_distribution<double> exponent{0, std::log(double{Count})};
    for (std::uint32_t& next : many.order) {
      next = static_cast<std::uint32_t>(std::exp(exponent(random))) - 1;
    }
    return many;
  }();
  return made;
}

// Each thread begins elsewhere.
std::size_t first_turn(const benchmark::State& state) {
  return static_cast<std::size_t>(state.thread_index()) * 7919;
}

template <const many_texts& (*Texts)()>
void querytap_among(benchmark::State& state) {
  const backend& backend = documents();
  const many_texts& many = Texts();
  for (const std::string& text : many.texts) static_cast<void>(backend.statement_for(text));
  std::size_t turn = first_turn(state);
  for (auto _ : state) benchmark::DoNotOptimize(&backend.statement_for(many.at(turn++)));
}

template <const many_texts& (*Texts)()>
void mutex_and_map_among(benchmark::State& state) {
  static std::mutex mutex;
  const many_texts& many = Texts();
  static const known_map known = [&] {
    known_map made;
    for (const std::string& text : many.texts) made.emplace(text, 1);
    return made;
  }();
  std::size_t turn = first_turn(state);
  for (auto _ : state) {
    const std::lock_guard lock{mutex};
    benchmark::DoNotOptimize(known.find(many.at(turn++)));
  }
}

// Each time at another of 64 addresses.
template <const many_texts& (*Texts)(), class Use>
void with_copies(benchmark::State& state, const Use& use) {
  const many_texts& many = Texts();
  std::vector<std::string> copies(64);
  std::size_t turn = first_turn(state);
  for (auto _ : state) {
    std::string& copy = copies[turn % copies.size()];
    copy = many.at(turn++);
    benchmark::DoNotOptimize(copy.data());
    use(copy);
  }
}

template <const many_texts& (*Texts)()>
void querytap_copied(benchmark::State& state) {
  const backend& backend = documents();
  for (const std::string& text : Texts().texts) static_cast<void>(backend.statement_for(text));
  with_copies<Texts>(state, [&](const std::string& text) {
    benchmark::DoNotOptimize(&backend.statement_for(text));
  });
}

template <const many_texts& (*Texts)()>
void copy_alone(benchmark::State& state) {
  with_copies<Texts>(state, [](const std::string&) {});
}

// More statements than there may be series, by default: the others have none of their own.
void querytap_past_limit(benchmark::State& state) {
  static recorder telemetry{{.service_name = "bench"}};
  static const backend backend{telemetry, {.system = "postgresql"}};
  const many_texts& many = in_random_order<5000>();
  for (const std::string& text : many.texts) static_cast<void>(backend.statement_for(text));
  std::size_t turn = first_turn(state);
  for (auto _ : state) benchmark::DoNotOptimize(&backend.statement_for(many.at(turn++)));
}

// More texts than the threads of a process remember, all of one statement.
void querytap_other_values(benchmark::State& state) {
  const backend& backend = documents();
  std::vector<std::string> texts;
  for (unsigned i = 0; i < 40'000; ++i) texts.push_back(search_text_with_values(i));
  std::size_t turn = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(&backend.statement_for(texts[turn++ % texts.size()]));
  }
}

}  // namespace

int main(int argc, char** argv) {
  measure_threads("calls/statement_repeated/querytap", querytap_repeated);
  measure_threads("calls/statement_repeated/mutex_and_map", mutex_and_map);
  measure_threads("calls/statement_among_100/querytap", querytap_among<in_random_order<100>>);
  measure_threads("calls/statement_among_100/mutex_and_map",
                  mutex_and_map_among<in_random_order<100>>);
  measure_threads("calls/statement_among_1000/querytap", querytap_among<in_random_order<1000>>);
  measure_threads("calls/statement_among_1000/mutex_and_map",
                  mutex_and_map_among<in_random_order<1000>>);
  measure_threads("calls/statement_among_5000/querytap", querytap_among<in_random_order<5000>>);
  measure_threads("calls/statement_among_5000/mutex_and_map",
                  mutex_and_map_among<in_random_order<5000>>);
  measure_threads("calls/statement_among_5000_past_limit/querytap", querytap_past_limit);
  measure_threads("calls/statement_among_5000_zipf/querytap", querytap_among<in_zipf_order<5000>>);
  measure_threads("calls/statement_among_5000_zipf/mutex_and_map",
                  mutex_and_map_among<in_zipf_order<5000>>);
  measure_threads("calls/statement_copied_5000/querytap", querytap_copied<in_random_order<5000>>);
  measure_threads("calls/statement_copied_5000/copy_alone", copy_alone<in_random_order<5000>>);
  measure_threads("calls/statement_with_other_values/querytap", querytap_other_values);
  return run(argc, argv);
}
