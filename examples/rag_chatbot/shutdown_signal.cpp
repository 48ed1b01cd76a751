#include <rag_chatbot/shutdown_signal.hpp>

#include <condition_variable>
#include <csignal>
#include <mutex>

namespace rag_chatbot {
namespace {

sigset_t shutdown_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

void block_in_this_thread_and_its_children(const sigset_t& signals) {
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

shutdown_signal::shutdown_signal() {
  const sigset_t signals = shutdown_signals();
  block_in_this_thread_and_its_children(signals);
  receiver_ = std::jthread{[this, signals] {
    int received = 0;
    sigwait(&signals, &received);
    source_.request_stop();
  }};
}

shutdown_signal::~shutdown_signal() {
  // Wakes the receiver if it has received no signal. A further signal does no harm: every thread
  // blocks it.
  pthread_kill(receiver_.native_handle(), SIGINT);
}

void shutdown_signal::wait() const {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  never.wait(lock, token(), [] { return false; });
}

}  // namespace rag_chatbot
