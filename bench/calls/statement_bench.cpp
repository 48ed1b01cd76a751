// The cost of finding the statement of a query's text: text seen before, beside the map under a
// mutex that is written first in most services, and text that differs in its values each time.

#include "../support/benchmarks.hpp"
#include "../support/statement_text.hpp"

#include <querytap/querytap.hpp>

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::bench;

const backend& documents() {
  static recorder telemetry{{.service_name = "bench"}};
  static const backend instance{telemetry, {.system = "postgresql"}};
  return instance;
}

void querytap_repeated(benchmark::State& state) {
  const backend& backend = documents();
  const std::string text{search_text};
  for (auto _ : state) benchmark::DoNotOptimize(&backend.statement_for(text));
}

// As many entries as a thread's cache has: a smaller map would compare texts and hash nothing.
std::unordered_map<std::string, int> known_texts() {
  std::unordered_map<std::string, int> known{{std::string{search_text}, 1}};
  for (unsigned i = 1; known.size() < 256; ++i) known.emplace(search_text_of_tenant(i), 1);
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

// More texts than a thread's cache holds, all of one statement.
void querytap_other_values(benchmark::State& state) {
  const backend& backend = documents();
  std::vector<std::string> texts;
  for (unsigned i = 0; i < 4096; ++i) texts.push_back(search_text_of_tenant(i));
  std::size_t turn = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(&backend.statement_for(texts[turn++ % texts.size()]));
  }
}

}  // namespace

int main(int argc, char** argv) {
  measure_threads("calls/statement_repeated/querytap", querytap_repeated);
  measure_threads("calls/statement_repeated/mutex_and_map", mutex_and_map);
  measure_threads("calls/statement_with_other_values/querytap", querytap_other_values);
  return run(argc, argv);
}
