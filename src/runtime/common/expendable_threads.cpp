#include "expendable_threads.hpp"

#include "../../base/call_guarded.hpp"
#include "blocked_signals.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace querytap::detail {

struct expendable_threads::state {
  void serve() {
    std::unique_lock lock{mutex};
    while (true) {
      ++idle;
      changed.wait(lock, [this] { return !calls.empty() || is_ending; });
      --idle;
      if (calls.empty()) break;
      std::function<void()> call = std::move(calls.front());
      calls.pop_front();
      lock.unlock();
      call_guarded(call);
      call = nullptr;  // what it owns is destroyed outside of the lock
      lock.lock();
    }
    --alive;
    changed.notify_all();
  }

  std::mutex mutex;  // guards all of these
  std::condition_variable changed;
  std::deque<std::function<void()>> calls;  // not begun; no more than there are idle threads
  std::size_t idle = 0;
  std::size_t alive = 0;
  bool is_ending = false;
};

expendable_threads::expendable_threads() : state_{std::make_shared<state>()} {}

expendable_threads::~expendable_threads() { end(std::chrono::steady_clock::time_point::min(), 0); }

void expendable_threads::run(std::function<void()> call) {
  const std::lock_guard lock{state_->mutex};
  if (state_->is_ending) return;
  state_->calls.push_back(std::move(call));
  if (state_->calls.size() > state_->idle) {
    try {
      const blocked_signals blocked;
      std::thread{[own = state_] { own->serve(); }}.detach();
      ++state_->alive;
    } catch (const std::system_error&) {
      state_->calls.pop_back();
      throw;
    }
  }
  state_->changed.notify_all();
}

void expendable_threads::end(std::chrono::steady_clock::time_point deadline, std::size_t hanging) {
  std::unique_lock lock{state_->mutex};
  state_->is_ending = true;
  state_->changed.notify_all();
  state_->changed.wait_until(lock, deadline, [&] { return state_->alive <= hanging; });
}

}  // namespace querytap::detail
