#pragma once

#include "../base/fork_hooks.hpp"

namespace querytap::detail {

class registry;

/// Makes a recorder survive fork(): the child starts from zero, with lanes of its own, whatever the
/// parent's other threads were doing; the parent's totals are untouched.
///
/// All locks of the registry are taken before the fork and released on both sides, so that the child
/// inherits none that is held by a thread which it does not have.
///
/// Threads  any number of guards at once.
/// Lifetime the last member of its registry: a fork calls it as soon as it is constructed.
class fork_guard final : public fork_hook {
 public:
  explicit fork_guard(registry& registry);
  ~fork_guard();

 private:
  void before_fork() noexcept override;
  void in_parent() noexcept override;
  void in_child() noexcept override;

  registry& registry_;
};

}  // namespace querytap::detail
