#include "fork_hooks.hpp"

#include <pthread.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace querytap::detail {

/// All hooks of the process.
class fork_hooks {
 public:
  // Never destroyed: recorders may end, and processes fork, after static destruction.
  static fork_hooks& all() {
    static fork_hooks& everlasting = *new fork_hooks;
    return everlasting;
  }

  void add(fork_hook& hook) {
    static const int registered =
        pthread_atfork([] { all().before_fork(); }, [] { all().after_fork(&fork_hook::in_parent); },
                       [] { all().after_fork(&fork_hook::in_child); });
    static_cast<void>(registered);  // fails only without memory: then a fork calls no hooks
    if (runs_hooks_) {
      append(hook);
      return;
    }
    const std::lock_guard lock{mutex_};
    append(hook);
    sort();
  }

  void remove(fork_hook& hook) noexcept {
    if (runs_hooks_) {  // a loop goes over the list: the place stays
      std::ranges::replace(hooks_, &hook, nullptr);
      return;
    }
    const std::lock_guard lock{mutex_};
    std::erase(hooks_, &hook);
  }

 private:
  void append(fork_hook& hook) {
    if (std::ranges::find(hooks_, &hook) == hooks_.end()) hooks_.push_back(&hook);
  }

  void before_fork() noexcept {
    mutex_.lock();
    runs_hooks_ = true;
    known_ = hooks_.size();
    for (std::size_t i = known_; i > 0; --i) {
      if (hooks_[i - 1] != nullptr) hooks_[i - 1]->before_fork();
    }
  }

  void after_fork(void (fork_hook::*side)() noexcept) noexcept {
    for (std::size_t i = 0; i < known_; ++i) {
      if (hooks_[i] != nullptr) (hooks_[i]->*side)();
    }
    std::erase(hooks_, nullptr);
    sort();
    runs_hooks_ = false;
    mutex_.unlock();
  }

  void sort() noexcept {
    // By insertion: std::stable_sort() allocates, and the list is short and nearly sorted.
    for (auto i = hooks_.begin(); i != hooks_.end(); ++i) {
      const auto place = std::ranges::upper_bound(
          hooks_.begin(), i, (*i)->stage_, {}, [](const fork_hook* hook) { return hook->stage_; });
      std::rotate(place, i, i + 1);
    }
  }

  // True in the thread that forks, from before_fork() to after_fork() on either side: it has the mutex.
  static constinit thread_local bool runs_hooks_;

  std::mutex mutex_;  // guards both
  std::vector<fork_hook*> hooks_;
  std::size_t known_ = 0;  // when the fork began
};

constinit thread_local bool fork_hooks::runs_hooks_ = false;

void fork_hook::add() { fork_hooks::all().add(*this); }

void fork_hook::remove() noexcept { fork_hooks::all().remove(*this); }

}  // namespace querytap::detail
