#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace querytap::detail {

/// Whether threads were inside an object when this process was forked off: its copy here may be half changed, its
/// locks are held by threads that this process does not have, and its connections are its parent's.
///
///     const occupancy::visit inside{probe_occupancy};     // around each use of the object
///     if (probe_occupancy->was_cut_off()) …               // never use it again
///
/// Threads  any, except for enter_process().
class occupancy {
 public:
  /// Somebody is inside, as long as it lives.
  class visit {
   public:
    explicit visit(std::shared_ptr<occupancy> visited) noexcept : visited_{std::move(visited)} {
      visited_->inside_.fetch_add(1, std::memory_order_acq_rel);
    }
    ~visit() { visited_->inside_.fetch_sub(1, std::memory_order_acq_rel); }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

   private:
    const std::shared_ptr<occupancy> visited_;
  };

  /// Before the first thread of a process uses the object: in the child of a fork, by the thread that forked.
  void enter_process() noexcept {
    if (inside_.exchange(0, std::memory_order_acq_rel) != 0) is_cut_off_ = true;
  }
  /// True in this process from then on, and in its own children.
  [[nodiscard]] bool was_cut_off() const noexcept { return is_cut_off_; }

 private:
  // ORDER acq_rel: read in the child of a fork alone, whose memory must not have changes that were made inside
  //       without the number that tells of them.
  std::atomic<int> inside_{0};
  bool is_cut_off_ = false;
};

}  // namespace querytap::detail
