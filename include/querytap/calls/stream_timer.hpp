#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/calls/histogram_family.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/histogram.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap {

class clock;
class recorder;

/// A kind of stream: a WebSocket, server-sent events, a queue. Bound once.
///
/// Threads  any number at once.
/// Errors   as recorder::bind_histogram().
/// Lifetime the recorder outlives it; it outlives its streams.
class stream_kind {
 public:
  stream_kind(recorder& telemetry, std::string_view name);

 private:
  friend class stream_timer;

  const clock* time_;
  std::string name_;
  histogram_family<2> durations_;
  histogram first_message_;
  histogram gaps_;
  counter bytes_;
  up_down_counter active_;
};

/// Times one stream of messages, from construction to finish() or destruction: until the first message,
/// between messages, and all of it.
///
///     const stream_kind sockets{recorder, "chat_socket"};
///     stream_timer stream{sockets};
///     while (auto message = socket.read()) stream.message(message->size());
///
/// Exports `querytap.stream.*` by `querytap.stream`. A stream may last for hours, and is in no ledger:
/// what is done for one of its messages is a request.
///
/// Threads  one at a time.
/// Cost     a clock read and two records a message. No lock, no allocation when warm.
/// Errors   none; an exception that leaves the scope counts as an error.
class stream_timer {
 public:
  explicit stream_timer(const stream_kind& kind) noexcept;
  stream_timer(const stream_timer&) = delete;
  stream_timer& operator=(const stream_timer&) = delete;
  ~stream_timer();

  /// A message has come, or was sent.
  void message(std::uint64_t bytes) noexcept;
  void fail(const outcome& failure) noexcept { failure_ = failure; }
  /// Stops the clock and records, once.
  void finish() noexcept;

 private:
  const stream_kind* kind_;  // null once finished
  std::uint64_t begin_;      // ticks
  std::uint64_t last_ = 0;   // ticks of the last message; 0: there was none
  int exceptions_;
  outcome failure_;
};

}  // namespace querytap
