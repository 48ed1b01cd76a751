#pragma once

#include <atomic>

namespace querytap::detail {

// Two fences that order a store and a later load of a thread against those of another thread, as a
// pair of std::atomic_thread_fence(seq_cst) does. The fence of readers is left to the kernel where
// it offers that: it then costs nothing, and that of writers interrupts every thread that runs.
//
// Threads  any number at once.
// Cost     readers: nothing, or some 10 ns without the system call `membarrier`; writers: a system
//          call.
// Source   membarrier(2).

// ORDER  relaxed: set while the library is loaded, or in the child of a fork, by its only thread.
inline constinit std::atomic<bool> kernel_fences_readers{false};

inline void fence_of_reader() noexcept {
  if (kernel_fences_readers.load(std::memory_order_relaxed)) [[likely]] {
    std::atomic_signal_fence(std::memory_order_seq_cst);
  } else {
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
}

/// False if the kernel refuses, as it may once the process has locked itself in: nothing is ordered.
[[nodiscard]] bool fence_of_writer() noexcept;

/// In the child of a fork: asks the kernel again.
void renew_fences() noexcept;

}  // namespace querytap::detail
