#pragma once

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <barrier>
#include <thread>
#include <vector>

namespace querytap::testing {

/// Makes as many lanes as share their cells.
inline void make_lanes(recorder& recorder) {
  const counter timeouts = recorder.bind_counter(catalog::connection_timeouts, {});
  std::barrier all_at_once{3};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      timeouts.add();
      all_at_once.arrive_and_wait();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

inline std::vector<histogram> bind_many(recorder& recorder, int count) {
  std::vector<histogram> series;
  for (int i = 0; i < count; ++i) {
    series.push_back(recorder.bind_histogram(catalog::operation_duration, {{"db.namespace", i}}));
  }
  return series;
}

}  // namespace querytap::testing
