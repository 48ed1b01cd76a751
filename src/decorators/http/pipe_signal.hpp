#pragma once

#include <signal.h>

namespace querytap::detail {

/// Keeps SIGPIPE from the process while its thread writes to a socket: OpenSSL writes without
/// MSG_NOSIGNAL, and the default action is the end of the process.
///
/// Threads  the one that it is made in.
class pipe_signal {
 public:
  pipe_signal() noexcept {
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &blocked, &before_);
  }
  ~pipe_signal() {
    if (!was_pending_) {
      sigset_t caught;
      sigemptyset(&caught);
      sigaddset(&caught, SIGPIPE);
      const timespec no_time{};
      sigtimedwait(&caught, nullptr, &no_time);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  pipe_signal(const pipe_signal&) = delete;
  pipe_signal& operator=(const pipe_signal&) = delete;

 private:
  sigset_t before_;
  bool was_pending_;
};

}  // namespace querytap::detail
