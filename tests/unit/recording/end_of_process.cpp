// Records made in the destructors of thread-local and static objects, and after main, are counted.
// Exits with 0 if they were.

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <cstdio>
#include <cstdlib>
#include <optional>

namespace {

using namespace querytap;

std::uint64_t records_in(recorder& from) {
  std::uint64_t count = 0;
  for (const point& p : from.collect().find(catalog::operation_duration.name)) {
    count += p.histogram->count();
  }
  return count;
}

// Never destroyed, so that there is something to record into until the very end.
recorder& everlasting() {
  static recorder& instance = *new recorder{{.service_name = "test"}};
  return instance;
}

histogram latency() { return everlasting().bind_histogram(catalog::operation_duration, {}); }

struct records_at_end {
  std::optional<histogram> into;
  ~records_at_end() {
    if (into.has_value()) into->record(std::uint64_t{1});
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

void record_at_exit() { latency().record(std::uint64_t{1}); }

}  // namespace

int main() {
  last.armed = true;
  std::atexit(record_at_exit);
  in_static_destructor.into = latency();
  in_thread_local_destructor.into = latency();
  latency().record(std::uint64_t{1});
  latency().record(std::uint64_t{1});
}
