// Once warm, recording allocates nothing and takes no lock.

#include <support/crowd.hpp>

#include <querytap/calls/backend.hpp>
#include <querytap/calls/models/model_call.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <catch2/catch.hpp>

#include <dlfcn.h>
#include <pthread.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

namespace {

// Counted in this thread, while a test asks for it.
thread_local bool counting = false;
thread_local int allocations = 0;
thread_local int locks = 0;

struct counted {
  counted() {
    allocations = 0;
    locks = 0;
    counting = true;
  }
  ~counted() { counting = false; }
};

}  // namespace

void* operator new(std::size_t size) {
  if (counting) ++allocations;
  if (void* block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  if (counting) ++allocations;
  const auto step = static_cast<std::size_t>(alignment);
  if (void* block = std::aligned_alloc(step, (size + step - 1) / step * step)) return block;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  try {
    return operator new(size, alignment);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) {
  using function = int (*)(pthread_mutex_t*);
  static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  if (counting) ++locks;
  return real(mutex);
}

using namespace querytap;

TEST_CASE("the counters of this test count") {
  const counted watch;
  recorder fresh{{.service_name = "test"}};
  fresh.bind_histogram(catalog::operation_duration, {}).record(std::uint64_t{1});
  CHECK(allocations > 0);
  CHECK(locks > 0);
}

TEST_CASE("a warm record allocates nothing and takes no lock") {
  recorder recorder{{.service_name = "test"}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  const counter timeouts = recorder.bind_counter(catalog::connection_timeouts, {});
  const up_down_counter pending =
      recorder.bind_up_down_counter(catalog::connection_pending_requests, {});
  const gauge active = recorder.bind_gauge(catalog::operation_active, {});
  const auto record_all = [&] {
    for (std::uint64_t value = 1; value < 1'000'000'000; value *= 3) latency.record(value);
    timeouts.add();
    pending.add(-1);
    active.set(1);
  };
  record_all();
  const counted watch;
  for (int i = 0; i < 100'000; ++i) record_all();
  CHECK(allocations == 0);
  CHECK(locks == 0);
}

TEST_CASE("a series that got a cell of its own late allocates nothing and takes no lock") {
  // Three threads, and so little memory that most series share their cells.
  recorder recorder{{.service_name = "test", .byte_limit = 500'000}};
  testing::make_lanes(recorder);
  const std::vector<histogram> series = testing::bind_many(recorder, 200);
  const auto record_into = [](const histogram& latency) {
    for (std::uint64_t value = 1; value < 1'000'000'000; value *= 3) latency.record(value);
  };
  for (const histogram& latency : series) record_into(latency);
  for (int i = 0; i < 1'000; ++i) record_into(series[150]);
  const counted watch;
  for (int i = 0; i < 10'000; ++i) record_into(series[150]);
  CHECK(allocations == 0);
  CHECK(locks == 0);
}

TEST_CASE("a repeated statement in a repeated request allocates nothing and takes no lock") {
  recorder recorder{{.service_name = "test"}};
  const backend documents{recorder, {.system = "sqlite", .dialect = dialect::sqlite}};
  const auto answer = [&] {
    request chat{recorder, "POST /chat"};
    operation call{documents.statement_for("select body from documents where id = 7")};
    call.rows(1);
  };
  // Every power of two that a duration may fall into, so that no page is new below.
  for (int i = 0; i < 10'000; ++i) answer();
  for (std::uint64_t value = 1; value != 0; value <<= 1) {
    recorder.bind_histogram(catalog::request_duration, {{"querytap.request.name", "POST /chat"}})
        .record(value);
    recorder
        .bind_histogram(catalog::request_backend_duration,
                        {{"querytap.request.name", "POST /chat"}, {"db.system.name", "sqlite"}})
        .record(value);
  }
  const counted watch;
  for (int i = 0; i < 1'000; ++i) answer();
  CHECK(locks == 0);
  CHECK(allocations == 0);
}

TEST_CASE("a warm lease allocates nothing, and takes no lock") {
  recorder recorder{{.service_name = "test"}};
  pool<int> numbers{recorder, {.name = "numbers"}, [] { return std::make_unique<int>(7); }};
  // Every power of two that a duration may fall into, so that no page is new below.
  const attributes name{{"db.client.connection.pool.name", "numbers"}};
  for (std::uint64_t value = 1; value != 0; value <<= 1) {
    recorder.bind_histogram(catalog::connection_wait_time, name).record(value);
    recorder.bind_histogram(catalog::connection_use_time, name).record(value);
  }
  for (int i = 0; i < 1000; ++i) static_cast<void>(numbers.acquire());
  const request chat{recorder, "POST /chat"};
  static_cast<void>(numbers.acquire());
  const counted watch;
  for (int i = 0; i < 10'000; ++i) static_cast<void>(numbers.acquire());
  CHECK(allocations == 0);
  CHECK(locks <= 10);  // once a second, objects that are idle are looked at
}

TEST_CASE("a streamed answer of a known model allocates nothing and takes no lock") {
  constexpr std::string_view events[] = {
      R"(data: {"model":"mini-1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})"
      "\n\n",
      R"(data: {"model":"mini-1","choices":[{"index":0,"delta":{"content":"Hel"}}]})"
      "\n\n",
      R"(data: {"model":"mini-1","choices":[{"index":0,"delta":{"content":"lo \u00fc"}}]})"
      "\n\n",
      R"(data: {"model":"mini-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
      "\n\n",
      R"(data: {"model":"mini-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2}})"
      "\n\ndata: [DONE]\n\n"};
  for (const gen_ai_names names : {gen_ai_names::v1_41, gen_ai_names::latest}) {
    recorder telemetry{{.service_name = "test", .gen_ai_names = names}};
    price_table prices;
    prices.add({.model = "mini", .prices = {.input = money{1'000}, .output = money{2'000}}});
    const model_endpoint endpoint{telemetry, {.server_address = "api.example", .prices = &prices}};
    const budget of_acme{telemetry, {.tenant = "acme", .limit = money::dollars(1)}};
    const auto answer = [&] {
      request chat{telemetry, "POST /chat"};
      model_call call{endpoint, "chat", "mini"};
      call.paid_by(of_acme);
      call.status(200);
      call.header("x-ratelimit-limit-tokens", "100");
      call.header("x-ratelimit-remaining-tokens", "50");
      for (const std::string_view event : events) call.feed(event);
      call.finish();
    };
    for (int i = 0; i < 2000; ++i) answer();  // durations of every size that they will have
    int fewest_allocations = 1000;
    int fewest_locks = 1000;
    for (int i = 0; i < 20; ++i) {
      const counted watch;
      answer();
      fewest_allocations = std::min(fewest_allocations, allocations);
      fewest_locks = std::min(fewest_locks, locks);
    }
    CHECK(fewest_allocations == 0);
    CHECK(fewest_locks == 0);
  }
}
