#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

namespace rag_chatbot {

/// A stop was requested before the work was done.
class stopped : public std::runtime_error {
 public:
  stopped() : std::runtime_error{"stopped"} {}
};

/// Calls `work(0) … work(count - 1)` in any order, on as many threads as there are cores. The first
/// exception ends the rest and is thrown here; a requested stop is thrown as `stopped`.
template <class Work>
void for_each_index_in_parallel(std::size_t count, const std::stop_token& stop, const Work& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;

  const auto fail = [&] {
    next = count;
    const std::lock_guard lock{mutex};
    if (!failure) failure = std::current_exception();
  };
  const auto run = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) {
        if (stop.stop_requested()) throw stopped{};
        work(i);
      }
    } catch (...) {
      fail();
    }
  };
  {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < std::min(cores, count); ++i) workers.emplace_back(run);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace rag_chatbot
