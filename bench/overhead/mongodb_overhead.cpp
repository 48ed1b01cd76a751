// How much longer a command of libmongoc takes because it is measured: a find by key and an insert over
// loopback, bare and watched, against a thread that answers each command with the same bytes. A server would
// take longer, and the difference would be the same. The figure is wall time, since the caller waits for it.
// `empty_callbacks` is what libmongoc itself does for whoever listens.
//
//     mongodb_overhead --rounds=20000 --out=mongodb.json

#include "../support/contest.hpp"
#include "../support/options.hpp"

#include <querytap/decorators/mongodb.hpp>
#include <querytap/recording/recorder.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace querytap;

constexpr std::int32_t op_query = 2004;

std::string bson_of(std::string_view json) {
  bson_error_t error;
  bson_t* const made = bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()),
                                          static_cast<ssize_t>(json.size()), &error);
  if (made == nullptr) throw std::runtime_error{error.message};
  std::string bytes{reinterpret_cast<const char*>(bson_get_data(made)), made->len};
  bson_destroy(made);
  return bytes;
}

/// Answers a hello as a server does, and everything else with one document: all connections on one thread, so
/// that none of them is nearer to a processor.
class answering_thread {
 public:
  answering_thread() : sockets_{{socket(AF_INET, SOCK_STREAM, 0), POLLIN, 0}} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    const int listening = sockets_[0].fd;
    if (bind(listening, generic, size) != 0 || listen(listening, 8) != 0 ||
        getsockname(listening, generic, &size) != 0) {
      throw std::runtime_error{"cannot listen"};
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { serve_all(); }};
  }
  answering_thread(const answering_thread&) = delete;
  answering_thread& operator=(const answering_thread&) = delete;
  ~answering_thread() {
    shutdown(sockets_[0].fd, SHUT_RDWR);
    thread_.join();
    for (const pollfd& each : sockets_) close(each.fd);
  }
  [[nodiscard]] std::string uri() const {
    return "mongodb://127.0.0.1:" + std::to_string(port_) + "/bench";
  }

 private:
  void serve_all() {
    while (poll(sockets_.data(), sockets_.size(), -1) > 0) {
      for (std::size_t i = 1; i < sockets_.size(); ++i) {
        // A connection that has ended is polled no more.
        if (sockets_[i].revents != 0 && !answer(sockets_[i].fd)) sockets_[i].events = 0;
      }
      if (sockets_[0].revents == 0) continue;
      const int connection = accept(sockets_[0].fd, nullptr, nullptr);
      if (connection < 0) return;
      const int on = 1;
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      sockets_.push_back({connection, POLLIN, 0});
    }
  }
  // Whatever is asked: an insert reads `n`, a find `cursor`.
  [[nodiscard]] bool answer(int connection) {
    std::array<std::int32_t, 4> header{};
    if (recv(connection, header.data(), sizeof header, MSG_WAITALL) != sizeof header) return false;
    body_.resize(static_cast<std::size_t>(header[0]) - sizeof header);
    if (recv(connection, body_.data(), body_.size(), MSG_WAITALL) <= 0) return false;
    const bool is_hello = header[3] == op_query || has_hello(body_);
    const std::string message = message_of(header, is_hello ? hello_ : answer_);
    return send(connection, message.data(), message.size(), MSG_NOSIGNAL) > 0;
  }
  [[nodiscard]] static bool has_hello(const std::vector<char>& body) {
    const std::string_view begin{body.data(), std::min<std::size_t>(body.size(), 40)};
    return begin.find("hello") != begin.npos || begin.find("isMaster") != begin.npos;
  }
  [[nodiscard]] static std::string message_of(const std::array<std::int32_t, 4>& header,
                                              const std::string& document) {
    const bool is_query = header[3] == op_query;
    const std::size_t between = is_query ? 20 : 5;
    std::string message(16 + between, '\0');
    const std::array<std::int32_t, 4> answer{
        static_cast<std::int32_t>(message.size() + document.size()), 1, header[1],
        is_query ? 1 : header[3]};
    std::memcpy(message.data(), answer.data(), sizeof answer);
    if (is_query) message[16] = 8, message[32] = 1;
    return message + document;
  }

  const std::string hello_ =
      bson_of(R"({"ismaster": true, "helloOk": true, "minWireVersion": 0, "maxWireVersion": 17,)"
              R"( "maxBsonObjectSize": 16777216, "maxMessageSizeBytes": 48000000,)"
              R"( "maxWriteBatchSize": 100000, "ok": 1})");
  const std::string answer_ =
      bson_of(R"({"cursor": {"id": {"$numberLong": "0"}, "ns": "bench.documents", "firstBatch":)"
              R"( [{"_id": 1, "body": "page"}]}, "n": 1, "ok": 1})");
  std::vector<pollfd> sockets_;  // the first one listens
  std::vector<char> body_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// One client with its collection; the document that is looked for has a key that changes.
class client {
 public:
  explicit client(const std::string& uri)
      : native_{mongoc_client_new(uri.c_str())},
        documents_{mongoc_client_get_collection(native_, "bench", "documents")} {}
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  ~client() {
    mongoc_collection_destroy(documents_);
    mongoc_client_destroy(native_);
  }
  [[nodiscard]] mongoc_client_t* native() const noexcept { return native_; }

  void find(std::size_t calls) {
    for (; calls > 0; --calls) {
      bson_t filter = BSON_INITIALIZER;
      BSON_APPEND_INT32(&filter, "_id", ++key_);
      mongoc_cursor_t* const found =
          mongoc_collection_find_with_opts(documents_, &filter, nullptr, nullptr);
      const bson_t* document = nullptr;
      if (!mongoc_cursor_next(found, &document)) throw std::runtime_error{"nothing found"};
      benchmark::DoNotOptimize(document);
      mongoc_cursor_destroy(found);
      bson_destroy(&filter);
    }
  }
  void insert(std::size_t calls) {
    for (; calls > 0; --calls) {
      bson_t document = BSON_INITIALIZER;
      BSON_APPEND_INT32(&document, "_id", ++key_);
      BSON_APPEND_UTF8(&document, "body", "page");
      if (!mongoc_collection_insert_one(documents_, &document, nullptr, nullptr, nullptr)) {
        throw std::runtime_error{"not inserted"};
      }
      bson_destroy(&document);
    }
  }

 private:
  mongoc_client_t* native_;
  mongoc_collection_t* documents_;
  std::int32_t key_ = 0;
};

/// What libmongoc does by itself for whoever listens: callbacks that do nothing.
void listen_idly(mongoc_client_t* client) {
  mongoc_apm_callbacks_t* const idle = mongoc_apm_callbacks_new();
  mongoc_apm_set_command_started_cb(idle, [](const mongoc_apm_command_started_t*) {});
  mongoc_apm_set_command_succeeded_cb(idle, [](const mongoc_apm_command_succeeded_t*) {});
  mongoc_client_set_apm_callbacks(client, idle, nullptr);
  mongoc_apm_callbacks_destroy(idle);
}

void measure(std::size_t rounds, const std::string& file) {
  recorder telemetry{{.service_name = "bench"}};
  const answering_thread server;
  client bare{server.uri()};
  client listened{server.uri()};
  client watched{server.uri()};
  listen_idly(listened.native());
  const mongodb::observation observation{telemetry, watched.native()};

  bench::contest commands{"overhead/mongodb", {.calls = 2}, bench::wall_time};
  commands.add("bare", [&](std::size_t calls) { bare.find(calls); });
  commands.add("empty_callbacks", [&](std::size_t calls) { listened.find(calls); });
  commands.add("querytap", [&](std::size_t calls) { watched.find(calls); });
  commands.add("bare_insert", [&](std::size_t calls) { bare.insert(calls); });
  commands.add("empty_callbacks_insert", [&](std::size_t calls) { listened.insert(calls); });
  commands.add("querytap_insert", [&](std::size_t calls) { watched.insert(calls); });
  commands.run(rounds);
  commands.print();
  commands.write(file);
}

}  // namespace

int main(int argc, char** argv) try {
  bench::refuse_others(argc, argv, {"rounds", "out"});
  mongoc_init();
  measure(std::stoul(bench::option(argc, argv, "rounds", "20000")),
          bench::option(argc, argv, "out", ""));
  mongoc_cleanup();
} catch (const std::exception& failure) {
  std::fprintf(stderr, "mongodb_overhead: %s\n", failure.what());
  return 1;
}
