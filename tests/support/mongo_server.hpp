#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace querytap::testing {

/// A command that a client of MongoDB sent.
struct mongo_command {
  std::string name = {};  ///< its first key
  std::string json =
      {};  ///< its body as extended JSON, without the documents that were sent beside it
  std::size_t documents = 0;  ///< how many of those there were
};

/// How the stand-in treats one command.
struct mongo_reply {
  enum class kind : std::uint8_t {
    answer,   ///< sends `json`
    close,    ///< closes the connection without an answer
    half,     ///< sends half of the answer, and closes the connection
    silence,  ///< never answers
    hostile,  ///< sends a reply whose `cursor` says it is of another size than it is
  };
  std::string json = {};  ///< as extended JSON
  kind action = kind::answer;
  std::chrono::milliseconds after{0};
};

/// What a stand-in for MongoDB is: it speaks the wire protocol, and says what its script says. It stores
/// nothing. `hello`, `ping`, `killCursors` and `endSessions` are answered where the script has no answer.
///
///     mongo_server server{[](const mongo_command& command) {
///       return mongo_reply{command.name == "find" ? documents(3) : refused(59, "CommandNotFound")};
///     }};
///     mongoc_client_t* client = mongoc_client_new(server.uri("chat").c_str());
///
/// Threads  one for each connection; the script is called by one at a time.
class mongo_server {
 public:
  /// An empty `json` of an answer is left to the server.
  using script = std::function<mongo_reply(const mongo_command&)>;
  enum class kind : std::uint8_t { standalone, replica_set };

  explicit mongo_server(script answers, kind plays = kind::standalone);
  mongo_server(const mongo_server&) = delete;
  mongo_server& operator=(const mongo_server&) = delete;
  ~mongo_server();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// `options` are those of a connection string: `appName=chat`.
  [[nodiscard]] std::string uri(std::string_view database, std::string_view options = {}) const;
  /// The names of all commands so far but `hello`, joined by blanks.
  [[nodiscard]] std::string commands() const;
  /// What was sent last under this name; empty: nothing.
  [[nodiscard]] std::string last(std::string_view name) const;

 private:
  void accept_all();
  void serve(int connection);
  [[nodiscard]] mongo_reply answer(const mongo_command& command);
  [[nodiscard]] std::string hello() const;

  const script script_;
  const kind kind_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> is_stopping_{false};
  mutable std::mutex mutex_;  // guards what follows, and the script
  std::vector<mongo_command> commands_;
  std::vector<int> connections_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

/// The answer to a find or aggregate in `database.collection` with so many documents. A cursor that is not 0
/// says that there are more.
[[nodiscard]] std::string mongo_documents(int count, std::int64_t cursor = 0,
                                          std::string_view batch = "firstBatch");
/// An answer that refuses a command.
[[nodiscard]] std::string mongo_refusal(int code, std::string_view name,
                                        std::string_view labels = {});

}  // namespace querytap::testing
