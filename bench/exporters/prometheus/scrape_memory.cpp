// How much memory a scrape of 50,000 histograms takes besides the snapshot: the peak while the
// first scrape is rendered, and the size of its body.

#include "../../support/benchmarks.hpp"
#include "../../support/many_series.hpp"

#include <querytap/exporters/prometheus/prometheus_protobuf.hpp>
#include <querytap/exporters/prometheus/prometheus_text.hpp>

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

// ORDER relaxed: the program allocates in one thread at a time.
std::atomic<std::size_t> allocated{0};
std::atomic<std::size_t> most_allocated{0};

void* counted(void* memory) {
  if (memory == nullptr) throw std::bad_alloc{};
  const std::size_t total =
      allocated.fetch_add(malloc_usable_size(memory), std::memory_order_relaxed) +
      malloc_usable_size(memory);
  if (total > most_allocated.load(std::memory_order_relaxed)) {
    most_allocated.store(total, std::memory_order_relaxed);
  }
  return memory;
}

void uncounted(void* memory) {
  if (memory == nullptr) return;
  allocated.fetch_sub(malloc_usable_size(memory), std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto align = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(align, (size + align - 1) / align * align));
}
void operator delete(void* memory) noexcept { uncounted(memory); }
void operator delete(void* memory, std::size_t) noexcept { uncounted(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { uncounted(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { uncounted(memory); }

namespace {

using namespace querytap;
using namespace querytap::bench;

constexpr std::size_t series_count = 50'000;

template <class Format>
void memory_of_scrape(benchmark::State& state, bool body_alone) {
  for (auto _ : state) {
    querytap_series series{series_count};
    const snapshot collected = series.recorder().collect();
    Format format;
    std::string body;
    const std::size_t before = allocated.load(std::memory_order_relaxed);
    most_allocated.store(before, std::memory_order_relaxed);
    format.render(collected, body);
    const std::size_t most = most_allocated.load(std::memory_order_relaxed) - before;
    state.counters["bytes"] = static_cast<double>(body_alone ? body.size() : most);
  }
}

void text(benchmark::State& state) { memory_of_scrape<prometheus_text>(state, false); }
void text_body(benchmark::State& state) { memory_of_scrape<prometheus_text>(state, true); }
void protobuf(benchmark::State& state) { memory_of_scrape<prometheus_protobuf>(state, false); }
void protobuf_body(benchmark::State& state) { memory_of_scrape<prometheus_protobuf>(state, true); }

}  // namespace

int main(int argc, char** argv) {
  measure("exporters/text_memory_50000/querytap", text)->Iterations(1);
  measure("exporters/text_memory_50000/body", text_body)->Iterations(1);
  measure("exporters/protobuf_memory_50000/querytap", protobuf)->Iterations(1);
  measure("exporters/protobuf_memory_50000/body", protobuf_body)->Iterations(1);
  return run(argc, argv);
}
