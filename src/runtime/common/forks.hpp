#pragma once

namespace querytap::detail {

/// Something that goes on in the child of a fork, where none of its threads does.
///
/// Threads  any number; in_child() is called while the child has no other thread.
class survives_fork {
 public:
  survives_fork() = default;
  survives_fork(const survives_fork&) = delete;
  survives_fork& operator=(const survives_fork&) = delete;

  virtual void in_child() noexcept = 0;

 protected:
  ~survives_fork() = default;
  /// From now on it is told of forks, until forget().
  void watch();
  void forget() noexcept;
};

}  // namespace querytap::detail
