#pragma once

#include <signal.h>

namespace querytap::detail {

/// Blocks all signals but those of the thread's own faults, which the threads started meanwhile inherit: what a
/// signal does, it does in the application's own threads, while a crash of a callback reaches the application's
/// handler.
///
/// Threads  the one that it is made in.
class blocked_signals {
 public:
  blocked_signals() noexcept {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP}) {
      sigdelset(&blocked, fault);
    }
    pthread_sigmask(SIG_BLOCK, &blocked, &before_);
  }
  ~blocked_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  blocked_signals(const blocked_signals&) = delete;
  blocked_signals& operator=(const blocked_signals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace querytap::detail
