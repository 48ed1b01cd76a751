#pragma once

namespace querytap::detail {

class registry;

/// Makes recorders survive fork(): the child starts from zero, with lanes of its own, whatever the
/// parent's other threads were doing; the parent's totals are untouched.
///
/// Every lock of every registry is taken before the fork and given back on both sides, so that the
/// child inherits none that a thread holds which it does not have.
///
/// Threads  any number at once.
class fork_guard {
 public:
  static void add(registry& one);
  static void remove(registry& one) noexcept;
};

}  // namespace querytap::detail
