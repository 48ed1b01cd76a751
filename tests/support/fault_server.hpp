#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace querytap::testing {

/// A request that a client sent.
struct received_request {
  std::string method = {};
  std::string path = {};
  std::map<std::string, std::string> headers = {};  ///< names in lower case
  std::string body = {};
  std::size_t connection = 0;  ///< counted from 0, in the order in which they were accepted
};

/// How the server treats one request.
struct fault {
  enum class kind {
    answer,      ///< sends `bytes`
    close,       ///< closes the connection without an answer
    reset,       ///< resets the connection, which the client sees as broken
    black_hole,  ///< never answers
  };
  kind action = kind::answer;
  std::string bytes = {};
  std::chrono::milliseconds after{0};
  /// Sent behind `bytes`, each part after its wait.
  struct part {
    std::chrono::milliseconds after{0};
    std::string bytes = {};
  };
  std::vector<part> more = {};
  /// What follows an answer: the next request, or the end of the connection.
  bool closes = false;
};

/// A fault that is an HTTP reply; `headers` are whole lines, each with its line end.
[[nodiscard]] fault reply(int status, std::string_view headers = {}, std::string_view body = {});

/// A collector on a free port of 127.0.0.1 that treats each request by the next fault of a list,
/// and all further requests by the last one.
///
///     fault_server collector{{reply(503), reply(200)}};
///     otlp_exporter exporter{recorder, {.endpoint = collector.url()}};
///     CHECK(collector.wait_for(2)[1].path == "/v1/metrics");
class fault_server {
 public:
  explicit fault_server(std::vector<fault> faults);
  fault_server(const fault_server&) = delete;
  fault_server& operator=(const fault_server&) = delete;
  ~fault_server();

  [[nodiscard]] std::string url() const;
  /// All requests so far.
  [[nodiscard]] std::vector<received_request> requests() const;
  /// All requests, once there are `count` or ten seconds have passed.
  [[nodiscard]] std::vector<received_request> wait_for(std::size_t count) const;

 private:
  void accept_all();
  void serve(int connection, std::size_t number);
  [[nodiscard]] fault next(received_request request);
  void act(int connection, const fault& fault);

  mutable std::mutex mutex_;  // guards everything down to stopping_
  mutable std::condition_variable changed_;
  std::vector<fault> faults_;
  std::vector<received_request> requests_;
  std::vector<int> connections_;
  std::size_t accepted_ = 0;
  std::vector<std::thread> threads_;
  bool stopping_ = false;

  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::thread accepting_;
};

}  // namespace querytap::testing
