#include "asymmetric_fence.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace querytap::detail {
namespace {

bool membarrier(int command) noexcept { return syscall(SYS_membarrier, command, 0, 0) == 0; }

// While the library is loaded: a process that has more than one thread waits some milliseconds for
// the kernel. Whoever reads before that uses fences of its own, which are good for both sides.
[[maybe_unused]] const bool fences_are_registered = (renew_fences(), true);

}  // namespace

bool fence_of_writer() noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return !kernel_fences_readers.load(std::memory_order_relaxed) ||
         membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

void renew_fences() noexcept {
  kernel_fences_readers.store(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED),
                              std::memory_order_relaxed);
}

}  // namespace querytap::detail
