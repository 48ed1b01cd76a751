#include "forks.hpp"

#include <pthread.h>

#include <mutex>
#include <vector>

namespace querytap::detail {
namespace {

struct watchers {
  std::mutex mutex;
  std::vector<fork_aware*> all;
};

// Never destroyed: processes fork after static destruction too.
watchers& known() {
  static watchers& everlasting = *new watchers;
  return everlasting;
}

void before_fork() { known().mutex.lock(); }
void after_fork_in_parent() { known().mutex.unlock(); }
void after_fork_in_child() {
  for (fork_aware* one : known().all) one->in_child();
  known().mutex.unlock();
}

}  // namespace

// Whoever watches has a recorder, which was registered before: recorders start anew in the child
// before this does.
void fork_aware::watch() {
  static const int registered =
      pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  static_cast<void>(registered);  // fails only without memory: then a fork is as it was without us
  const std::lock_guard lock{known().mutex};
  known().all.push_back(this);
}

void fork_aware::forget() noexcept {
  const std::lock_guard lock{known().mutex};
  std::erase(known().all, this);
}

}  // namespace querytap::detail
