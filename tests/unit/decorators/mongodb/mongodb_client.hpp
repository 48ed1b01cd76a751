#pragma once

#include "mongoc_handles.hpp"

#include <querytap/decorators/mongodb.hpp>
#include <support/conformance/client.hpp>
#include <support/mongo_server.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace querytap::testing {

/// libmongoc for the conformance kit, with a server that plays the part of one with documents.
class mongodb_client {
 public:
  static constexpr std::string_view name = "MongoDB";
  // libmongoc opens a lost connection anew by itself, and a transaction begins without a call: promises of
  // its own in mongodb_test.cpp and mongodb_faults_test.cpp.
  static constexpr conformance::capabilities can{
      .rows = true, .timeouts = true, .cancellation = true, .locks = true};

  explicit mongodb_client(recorder& telemetry, const conformance::client_options& options = {})
      : client_{make_client(server().uri("chat"))},
        watched_{telemetry, client_.get(), {.slow_threshold = options.slow_threshold}},
        documents_{collection(client_.get())} {
    mongoc_client_set_stream_initiator(client_.get(), &open_stream, client_.get());
    bson_error_t error;
    if (!mongodb::connect(telemetry, client_.get(), &error)) throw mongodb::error{error};
  }

  static attributes labels() {
    return {{"db.namespace", "chat"},
            {"db.system.name", "mongodb"},
            {"server.address", "127.0.0.1"},
            {"server.port", server().port()}};
  }
  static attributes read_labels() { return named("find"); }
  static attributes write_labels() { return named("insert"); }

  static std::vector<conformance::way<mongodb_client>> ways() {
    return {
        {"a find", R"({"find": "documents", "filter": {"id": {"$lte": ?}}})", "",
         &mongodb_client::read_found},
        {"a find in batches",
         R"({"find": "documents", "filter": {"id": {"$lte": ?}}, "batchSize": ?})", "",
         &mongodb_client::read_in_batches},
        {"a command", R"({"find": "documents", "filter": {"id": {"$lte": ?}}, "hint": ?})", "",
         &mongodb_client::read_by_command},
    };
  }

  void run_during_next_read(std::function<void()> during) { during_ = std::move(during); }

  void write(code_location site) {
    const mongodb::call here{watched_, site};
    insert(R"({"body": "page"})");
  }

  void meet(conformance::trouble kind, code_location site) {
    const mongodb::call here{watched_, site};
    using conformance::trouble;
    switch (kind) {
      case trouble::timeout: return find(R"({"is": "late"})");
      case trouble::cancelled: return find(R"({"is": "cancelled"})");
      case trouble::lock: return find(R"({"is": "locked"})");
      default: return find(R"({"is": "refused"})");
    }
  }

  static conformance::ending ending_of(conformance::trouble kind) {
    using conformance::trouble;
    const auto ending = [](const char* code, report_reason reason) {
      return conformance::ending{named("find"),        code, code, reason, typeid(mongodb::error),
                                 "canary in a message"};
    };
    switch (kind) {
      case trouble::timeout: return ending("50", report_reason::timeout);
      case trouble::cancelled: return ending("11601", report_reason::cancelled);
      case trouble::lock: return ending("24", report_reason::timeout);
      default: return ending("13", report_reason::error);
    }
  }

  [[nodiscard]] bool is_usable() { return client_ != nullptr; }

  static void connect_in_vain(recorder& telemetry) {
    const client_handle lost = make_client("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50");
    const mongodb::observation watched{telemetry, lost.get()};
    bson_error_t error;
    if (!mongodb::connect(telemetry, lost.get(), &error)) throw mongodb::error{error};
  }

  void send_secret(std::string_view secret);

 private:
  static attributes named(std::string_view operation) {
    return {{"db.collection.name", "documents"},
            {"db.operation.name", std::string{operation}},
            {"db.query.summary", std::string{operation} + " documents"}};
  }

  /// As many documents as the filter asks for, in batches of two where a size of batches is given.
  static mongo_reply answer(const mongo_command& command) {
    constexpr std::int64_t cursor = 4711;
    static int left = 0;  // of the cursor
    if (command.name == "insert") return {.json = R"({"n": 1, "ok": 1})"};
    if (command.name == "getMore") {
      const int count = std::min(left, 2);
      left -= count;
      return {.json = mongo_documents(count, left == 0 ? 0 : cursor, "nextBatch")};
    }
    if (command.name != "find") return {};
    const auto says = [&](const char* text) {
      return command.json.find(text) != std::string::npos;
    };
    if (says("refused")) return {.json = mongo_refusal(13, "Unauthorized")};
    if (says("late")) return {.json = mongo_refusal(50, "MaxTimeMSExpired")};
    if (says("cancelled")) return {.json = mongo_refusal(11601, "Interrupted")};
    if (says("locked")) {
      return {.json = mongo_refusal(24, "LockTimeout"), .after = std::chrono::milliseconds{20}};
    }
    constexpr std::string_view before = R"("$lte" : )";
    const std::size_t at = command.json.find(before);
    int count = 0;
    if (at != std::string::npos) {
      const char* const begin = command.json.data() + at + before.size();
      std::from_chars(begin, command.json.data() + command.json.size(), count);
    }
    if (!says("batchSize")) return {.json = mongo_documents(count)};
    left = count - std::min(count, 2);
    return {.json = mongo_documents(std::min(count, 2), left == 0 ? 0 : cursor)};
  }

  static mongo_server& server() {
    static mongo_server server{&mongodb_client::answer};
    return server;
  }

  // A socket as libmongoc would open it, which runs `during_` when it first reads.
  static mongoc_stream_t* open_stream(const mongoc_uri_t*, const mongoc_host_list_t* host, void*,
                                      bson_error_t*) {
    mongoc_socket_t* const socket = mongoc_socket_new(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(host->port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::int64_t deadline = bson_get_monotonic_time() + 10'000'000;
    mongoc_socket_connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address, deadline);
    mongoc_stream_t* const stream = mongoc_stream_socket_new(socket);
    read_ = stream->readv;
    stream->readv = [](mongoc_stream_t* self, mongoc_iovec_t* parts, std::size_t count,
                       std::size_t least, std::int32_t timeout) {
      if (const auto during = std::exchange(during_, {})) during();
      return read_(self, parts, count, least, timeout);
    };
    return mongoc_stream_buffered_new(stream, 1024);
  }

  static std::string filter_of(int rows) {
    return R"({"id": {"$lte": )" + std::to_string(rows) + "}}";
  }
  void find(std::string_view filter, std::string_view options = "{}") {
    bson_error_t error{};
    static_cast<void>(read_all(documents_.get(), filter, options, &error));
    if (error.code != 0) throw mongodb::error{error};
  }
  void insert(std::string_view json) {
    bson_error_t error;
    if (!mongoc_collection_insert_one(documents_.get(), document(json).get(), nullptr, nullptr,
                                      &error)) {
      throw mongodb::error{error};
    }
  }
  void read_found(int rows, code_location site) {
    const mongodb::call here{watched_, site};
    find(filter_of(rows));
  }
  void read_in_batches(int rows, code_location site) {
    const mongodb::call here{watched_, site};
    find(filter_of(rows), R"({"batchSize": 2})");
  }
  void read_by_command(int rows, code_location site) {
    const mongodb::call here{watched_, site};
    command(R"({"find": "documents", "filter": )" + filter_of(rows) + R"(, "hint": "by_id"})");
  }
  void command(const std::string& json) {
    bson_error_t error;
    bson_t reply;
    const bool is_done = mongoc_client_command_simple(client_.get(), "chat", document(json).get(),
                                                      nullptr, &reply, &error);
    bson_destroy(&reply);
    if (!is_done) throw mongodb::error{error};
  }

  // The client ends before what watches it: both orders are allowed.
  client_handle client_;
  mongodb::observation watched_;
  collection_handle documents_;
  static inline thread_local std::function<void()> during_;
  static inline ssize_t (*read_)(mongoc_stream_t*, mongoc_iovec_t*, std::size_t, std::size_t,
                                 std::int32_t) = nullptr;
};

inline void mongodb_client::send_secret(std::string_view secret) {
  const std::string value{secret};
  const auto try_command = [&](std::string_view json) {
    std::string filled{json};
    for (std::size_t at = 0; (at = filled.find('%', at)) != std::string::npos;) {
      filled.replace(at, 1, value);
    }
    try {
      command(filled);
    } catch (const mongodb::error&) {
      return;
    }
  };
  for (
      const char* json :
      {R"({"find": "documents", "filter": {"name": "%", "tags": {"$in": ["%", "%"]}}})",
       R"({"find": "documents", "filter": {"$expr": {"$eq": ["$name", "%"]}}, "comment": "%"})",
       R"({"find": "documents", "filter": {"from": "%", "as": "%", "refused": 1}})",
       R"({"aggregate": "documents", "pipeline": [{"$match": {"from": "%"}}, {"$project": {"a": {"$literal": "%"}}}], "cursor": {}})",
       R"({"aggregate": "documents", "pipeline": [{"$search": {"text": {"query": "%", "path": "body"}}}], "cursor": {}})",
       R"({"insert": "documents", "documents": [{"name": "%", "nested": {"%": 1}}]})",
       R"({"update": "documents", "updates": [{"q": {"a": "%"}, "u": {"$set": {"b": "%"}}}, {"q": {}, "u": {"%": "%"}}]})",
       R"({"delete": "documents", "deletes": [{"q": {"a": "%"}, "limit": 1}]})",
       R"({"findAndModify": "documents", "query": {"a": "%"}, "update": {"name": "%"}})",
       R"({"distinct": "documents", "key": "name", "query": {"a": "%"}})",
       R"({"createUser": "ada", "pwd": "%", "roles": []})", R"({"updateUser": "ada", "pwd": "%"})",
       R"({"saslStart": 1, "mechanism": "PLAIN", "payload": "%"})",
       R"({"saslContinue": 1, "conversationId": 1, "payload": "%"})",
       R"({"authenticate": 1, "user": "ada", "key": "%"})",
       R"({"hello": 1, "speculativeAuthenticate": {"saslStart": 1, "payload": "%"}})",
       R"({"ping": "%"})", R"({"explain": {"find": "documents", "filter": {"a": "%"}}})"}) {
    try_command(json);
  }
  for (const auto& way : ways()) (this->*way.read)(3, code_location::current());
  mongodb::call here{watched_, R"({"find": "documents", "filter": {"a": ")" + value + "\"}}"};
  bson_error_t failure;
  bson_set_error(&failure, MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_SERVER_SELECTION_FAILURE,
                 "%s", value.c_str());
  here.fail(failure);
}

}  // namespace querytap::testing
