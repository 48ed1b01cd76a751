#pragma once

namespace querytap::detail {

/// Something that goes on in the child of a fork, where none of its threads does.
///
/// Threads  any number; in_child() is called while the child has no other thread.
class fork_aware {
 public:
  fork_aware() = default;
  fork_aware(const fork_aware&) = delete;
  fork_aware& operator=(const fork_aware&) = delete;

  virtual void in_child() noexcept = 0;

 protected:
  ~fork_aware() = default;
  /// From now on it is told of forks, until forget().
  void watch();
  void forget() noexcept;
};

}  // namespace querytap::detail
