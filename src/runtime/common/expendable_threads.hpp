#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace querytap::detail {

/// Threads for calls of which any may hang for ever: such a call holds its own thread, and no other call.
///
///     threads.run([state] { state->answer = ask(*state); });
///
/// Each call has a thread to itself while it runs; threads without a call wait for the next one. A thread whose call
/// does not return in time is left behind when the others end.
///
/// Threads  any.
/// Errors   std::system_error where there is no further thread. What a call throws is lost.
/// Lifetime a call must own all that it uses.
class expendable_threads {
 public:
  expendable_threads();
  /// Waits for no call.
  ~expendable_threads();
  expendable_threads(const expendable_threads&) = delete;
  expendable_threads& operator=(const expendable_threads&) = delete;

  void run(std::function<void()> call);
  /// Ends the threads, and waits until then at most for calls to return, except for so many that hang. Nothing is
  /// run afterwards.
  void end(std::chrono::steady_clock::time_point deadline, std::size_t hanging);

 private:
  struct state;
  const std::shared_ptr<state> state_;  // shared with the threads
};

}  // namespace querytap::detail
