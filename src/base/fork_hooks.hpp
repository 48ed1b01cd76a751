#pragma once

#include <cstdint>

namespace querytap::detail {

/// When a hook is called after a fork, before those of the next stage.
enum class fork_stage : std::uint8_t {
  texts,  ///< what threads have found for a text: recorders lock it last
  recorders,
  lanes,  ///< of the thread that forks, once all recorders are unlocked
  tasks   ///< what uses recorders
};

/// Something that stays usable on both sides of a fork(), from its add() to its remove().
///
/// before_fork() is called in reverse order, and in_parent() and in_child() in order: by stage, and
/// within a stage as they were added.
///
/// Threads  add() and remove() from any; a fork waits for them, and they for a fork: so never with a
///          lock held that a hook takes. A hook that runs may add hooks, which the next fork calls, and
///          remove any, itself included.
class fork_hook {
 public:
  fork_hook(const fork_hook&) = delete;
  fork_hook& operator=(const fork_hook&) = delete;

  /// Takes every lock that the child has to find free: another thread could hold it, which the child
  /// does not have.
  virtual void before_fork() noexcept {}
  virtual void in_parent() noexcept {}
  /// The child has no other thread, except those that hooks before this one have started.
  virtual void in_child() noexcept {}

 protected:
  explicit fork_hook(fork_stage stage) noexcept : stage_{stage} {}
  ~fork_hook() = default;

  /// Once the object is whole. A second call does nothing.
  void add();
  /// While it still is. Without an add() it does nothing.
  void remove() noexcept;

 private:
  friend class fork_hooks;
  const fork_stage stage_;
};

}  // namespace querytap::detail
