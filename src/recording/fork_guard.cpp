#include "fork_guard.hpp"

#include "registry.hpp"
#include "thread_lanes.hpp"

#include <pthread.h>

#include <mutex>
#include <vector>

namespace querytap::detail {
namespace {

struct guarded {
  std::mutex mutex;
  std::vector<registry*> registries;
};

// Never destroyed: recorders may end, and processes fork, after static destruction.
guarded& all() {
  static guarded& everlasting = *new guarded;
  return everlasting;
}

void before_fork() {
  all().mutex.lock();
  for (registry* one : all().registries) one->lock_all();
}

void after_fork_in_parent() {
  for (registry* one : all().registries) one->unlock_all();
  all().mutex.unlock();
}

void after_fork_in_child() {
  for (registry* one : all().registries) one->start_from_zero();
  after_fork_in_parent();
  forget_lanes_of_this_thread();  // may end a registry, which takes itself off the list
}

}  // namespace

void fork_guard::add(registry& one) {
  static const int registered =
      pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  static_cast<void>(registered);  // fails only without memory: then a fork is as it was without us
  const std::lock_guard lock{all().mutex};
  all().registries.push_back(&one);
}

void fork_guard::remove(registry& one) noexcept {
  const std::lock_guard lock{all().mutex};
  std::erase(all().registries, &one);
}

}  // namespace querytap::detail
