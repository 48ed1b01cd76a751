#pragma once

#include "../common/background_task.hpp"

#include <querytap/runtime/pages/pages.hpp>

#include <microhttpd.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

namespace querytap::detail {

class event_streams;

/// One client's stream of events. While it has nothing to send, its connection is suspended.
struct event_stream {
  ~event_stream();

  event_streams& all;
  MHD_Connection* connection;
  std::function<void(page_response&)> ask;
  std::function<void()> touched = {};  // whenever something is sent
  std::chrono::milliseconds interval{};
  std::string unsent = {};
  std::size_t sent = 0;
  std::chrono::steady_clock::time_point due = {};
  bool is_suspended = false;  // guarded by the mutex of event_streams
};

/// The streams of a server. All of one interval are due together, so that they can share what is made for them.
///
/// Threads  end_all() any; the others, and all that MHD calls, the server's own. One of its own wakes the connections,
///          from the first stream on.
class event_streams {
 public:
  explicit event_streams(std::size_t most);
  ~event_streams();

  /// Null where there are as many streams as may be.
  [[nodiscard]] std::unique_ptr<event_stream> begin(MHD_Connection* connection, page_response first,
                                                    std::function<void(page_response&)> ask);
  /// Owns the stream; null without memory.
  [[nodiscard]] static MHD_Response* response_of(std::unique_ptr<event_stream> stream);

  /// No stream sends anything any more: a server cannot stop while a connection is suspended.
  void end_all();

 private:
  friend struct event_stream;
  class turn_job;

  [[nodiscard]] bool add(event_stream& stream);
  void start_turns();
  [[nodiscard]] std::chrono::steady_clock::time_point next_due();
  void resume_due();
  static ssize_t read(void* stream, std::uint64_t position, char* buffer, std::size_t size);
  static void release(void* stream);

  [[nodiscard]] bool suspend(event_stream& stream);
  static void next_event(event_stream& stream);

  const std::size_t most_;
  std::mutex mutex_;  // guards what follows
  std::list<event_stream*> streams_;
  bool has_ended_ = false;
  std::unique_ptr<background_task<turn_job>> turns_;  // the server's thread alone
};

}  // namespace querytap::detail
