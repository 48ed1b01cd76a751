#include "fork_guard.hpp"

#include "registry.hpp"
#include "thread_lanes.hpp"

namespace querytap::detail {
namespace {

/// The lanes of the thread that forks belong to the parent. Releasing one may end its registry, and with
/// that a fork_guard: they are released after the guards, when no registry is locked.
class lane_guard final : public fork_hook {
 public:
  lane_guard() : fork_hook{fork_stage::lanes} {}
  using fork_hook::add;

 private:
  void in_child() noexcept override { forget_lanes_of_this_thread(); }
};

}  // namespace

fork_guard::fork_guard(registry& registry) : fork_hook{fork_stage::recorders}, registry_{registry} {
  static lane_guard& everlasting = *new lane_guard;  // processes fork after static destruction
  // Not in its constructor: add() waits for a fork, whose child would inherit a half-made static.
  everlasting.add();
  add();
}

fork_guard::~fork_guard() { remove(); }

void fork_guard::before_fork() noexcept { registry_.lock_all(); }

void fork_guard::in_parent() noexcept { registry_.unlock_all(); }

void fork_guard::in_child() noexcept {
  registry_.start_from_zero();
  registry_.unlock_all();
}

}  // namespace querytap::detail
