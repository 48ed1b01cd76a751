#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// The receiver of requests, and what it needs.
struct http_target {
  std::string url = {};
  std::vector<std::string> headers = {};  ///< `name: value`
  std::string certificate = {};           ///< file of trusted certificates; empty: the system's
  std::string client_certificate = {};
  std::string client_key = {};
};

/// How a request ended.
struct http_reply {
  enum class end {
    answered,
    not_connected,  ///< no address, or refused: nothing was sent
    no_answer,      ///< the connection broke before there was a status
    timed_out,
    too_large,    ///< the reply is larger than `http_sender::largest_reply`
    no_http,      ///< the reply is not HTTP
    not_trusted,  ///< the collector's certificate, or the sender's, was not accepted
  };
  end how = end::answered;
  bool may_have_arrived = false;  ///< the whole request was sent, whatever became of it
  int status = 0;
  std::string content_type = {};
  std::string retry_after = {};
  std::string body = {};
};

/// Whether a request may be received twice without harm.
///
/// libcurl sends a request again by itself if a connection that it used before breaks without a reply; it
/// cannot know whether the first one was received. It never does so on a new connection.
enum class repetition {
  harmless,  ///< goes over a connection that is open already, if there is one
  harmful,   ///< goes over a connection of its own
};

/// POST requests. Redirects are not followed: a request may carry keys, which are for its target only.
///
///     http_sender sender;
///     const http_reply reply = sender.post(target, "application/json", false, body, 10s);
///
/// Threads  post() from one thread; end_by() from any.
/// Errors   std::runtime_error at construction if libcurl cannot start.
class http_sender {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::size_t largest_reply = std::size_t{4} << 20;

  http_sender();
  ~http_sender();
  http_sender(const http_sender&) = delete;
  http_sender& operator=(const http_sender&) = delete;

  /// Gives up after `timeout`, or at the time of end_by(). `gzipped`: the body is compressed already.
  [[nodiscard]] http_reply post(const http_target& target, std::string_view content_type,
                                bool gzipped, std::string_view body,
                                std::chrono::nanoseconds timeout,
                                repetition repeated = repetition::harmless);

  /// Every request ends by then from now on, including one under way.
  void end_by(time_point limit) noexcept;

 private:
  class transfer;
  struct multi_deleter {
    void operator()(void* handle) const noexcept;
  };

  [[nodiscard]] bool run(int& still_running, time_point deadline);

  std::unique_ptr<void, multi_deleter> multi_;
  // ORDER  relaxed: one number; curl_multi_wakeup() makes post() read it again.
  std::atomic<time_point::rep> limit_;
};

}  // namespace querytap::detail
