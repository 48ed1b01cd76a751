// A plugin with its own copy of the library, as plugins have, that records into the host's
// recorder.

#include <querytap/recording/counter.hpp>
#include <querytap/recording/histogram.hpp>

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>

#include <thread>
#include <vector>

extern "C" void record_from_plugin(const querytap::histogram* latency,
                                   const querytap::counter* timeouts, int threads, int records) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([=] {
      for (int record = 0; record < records; ++record) {
        latency->record(std::uint64_t{7});
        timeouts->add();
      }
    });
  }
  for (std::thread& thread : running) thread.join();
}

extern "C" void call_from_plugin(querytap::recorder* recorder, int calls) {
  const querytap::backend documents{*recorder, {.system = "sqlite"}};
  for (int i = 0; i < calls; ++i) querytap::operation{documents.statement_for("select 1")}.finish();
}
