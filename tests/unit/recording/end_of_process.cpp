// Records made in the destructors of thread-local and static objects, and after main, are counted.
// Exits with 0 if they were.

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <cstdio>
#include <cstdlib>
#include <optional>

namespace {

using namespace querytap;

std::uint64_t records_in(recorder& recorder) {
  std::uint64_t count = 0;
  for (const point& p : recorder.collect().find(catalog::operation_duration.name)) {
    count += p.histogram->count();
  }
  return count;
}

// Never destroyed, so that there is a recorder until the very end.
recorder& everlasting() {
  static recorder& instance = *new recorder{{.service_name = "test"}};
  return instance;
}

histogram everlasting_latency() {
  return everlasting().bind_histogram(catalog::operation_duration, {});
}

struct records_at_end {
  std::optional<histogram> latency;
  ~records_at_end() {
    if (latency.has_value()) latency->record(std::uint64_t{1});
  }
};

struct checks_at_end {
  bool armed = false;
  ~checks_at_end() {
    if (!armed) return;
    const std::uint64_t count = records_in(everlasting());
    if (count == 5) return;
    std::fprintf(stderr, "5 records were made, %llu counted\n",
                 static_cast<unsigned long long>(count));
    std::_Exit(1);
  }
};

checks_at_end last;  // made first: destroyed last
records_at_end in_static_destructor;
thread_local records_at_end in_thread_local_destructor;

void record_at_exit() { everlasting_latency().record(std::uint64_t{1}); }

}  // namespace

int main() {
  last.armed = true;
  std::atexit(record_at_exit);
  in_static_destructor.latency = everlasting_latency();
  in_thread_local_destructor.latency = everlasting_latency();
  everlasting_latency().record(std::uint64_t{1});
  everlasting_latency().record(std::uint64_t{1});
}
