#pragma once

#include <signal.h>

namespace querytap::detail {

/// For a thread of ours: the application's handlers run in its own threads, and a connection that
/// breaks ends no process.
inline void block_signals() noexcept {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace querytap::detail
