#pragma once

#include <stop_token>
#include <thread>

namespace rag_chatbot {

/// Turns SIGINT and SIGTERM into a stop token. Make the object before any other thread: threads
/// inherit the blocked signals, so that only the object's own thread receives them.
class shutdown_signal {
 public:
  shutdown_signal();
  ~shutdown_signal();
  shutdown_signal(const shutdown_signal&) = delete;
  shutdown_signal& operator=(const shutdown_signal&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  /// Returns once a signal has been received.
  void wait() const;

 private:
  std::stop_source source_;
  std::jthread receiver_;
};

}  // namespace rag_chatbot
