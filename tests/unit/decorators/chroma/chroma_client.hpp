#pragma once

#include <querytap/decorators/chroma.hpp>
#include <support/chroma_server.hpp>
#include <support/conformance/client.hpp>

#include <sys/socket.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace querytap::testing {

/// What the next send() of this thread runs first: the one of libcurl, which is then on its way.
inline thread_local std::function<void()> during_next_send;

}  // namespace querytap::testing

/// Instead of the C library's, also for libcurl: a program's own functions come first.
extern "C" ssize_t send(int socket, const void* data, std::size_t size, int flags) {
  if (const auto during = std::exchange(querytap::testing::during_next_send, {})) during();
  return sendto(socket, data, size, flags, nullptr, 0);
}

namespace querytap::testing {

/// Chroma for the conformance kit: a server of its own with ten documents.
class chroma_client {
 public:
  static constexpr std::string_view name = "Chroma";
  static constexpr conformance::capabilities can{.rows = true, .timeouts = true};

  explicit chroma_client(recorder& telemetry, const conformance::client_options& options = {})
      : telemetry_{telemetry},
        db_{telemetry,
            filled_server().url(),
            {.slow_threshold = options.slow_threshold, .explains_missing = false}},
        documents_{db_.open_collection(documents_info())} {
    db_.connect();
  }

  static attributes labels() {
    return {{"db.namespace", "default_tenant|default_database"},
            {"db.system.name", "chroma"},
            {"server.address", "127.0.0.1"},
            {"server.port", filled_server().port()}};
  }
  static attributes read_labels() { return summary("query documents by l2 where n"); }
  static attributes write_labels() { return summary("delete documents"); }

  static std::vector<conformance::way<chroma_client>> ways() {
    return {{"a query", "query documents by l2 where n", "", &chroma_client::read}};
  }

  void run_during_next_read(std::function<void()> during) { during_next_send = std::move(during); }

  void write(code_location site) { documents_.remove({.filter = R"({"n": -1})"}, site); }

  void meet(conformance::trouble kind, code_location site) {
    if (kind != conformance::trouble::timeout) {
      static_cast<void>(db_.get_collection("missing", site));
      return;
    }
    struct resumed {
      ~resumed() { filled_server().resume(); }
    } const end;
    chroma::client hasty{telemetry_,
                         filled_server().url(),
                         {.transport = {.timeout = std::chrono::milliseconds{50}}}};
    filled_server().pause();
    static_cast<void>(hasty.get_collection("documents", site));
  }

  static conformance::ending ending_of(conformance::trouble kind) {
    if (kind == conformance::trouble::timeout) {
      return {summary("get_collection documents"),
              "operation_timedout",
              "",
              report_reason::timeout,
              typeid(chroma::error),
              "timed out"};
    }
    return {summary("get_collection missing"),
            "404",
            "404",
            report_reason::error,
            typeid(chroma::error),
            "Collection [missing] does not exist"};
  }

  [[nodiscard]] bool is_usable() {
    try {
      db_.connect();
      return true;
    } catch (const chroma::error&) {
      return false;
    }
  }

  static void connect_in_vain(recorder& telemetry) {
    chroma::client nobody{telemetry, "http://127.0.0.1:1", {.transport = {.tries = 1}}};
    nobody.connect();
  }

  void send_secret(std::string_view secret);

 private:
  static attributes summary(std::string_view text) {
    return {{"db.query.summary", std::string{text}}};
  }

  /// The shared server, with the kit's collection.
  static chroma_server& filled_server() { return filled().server; }
  static const chroma::collection_info& documents_info() { return filled().documents; }

  struct filled_parts {
    chroma_server& server;
    chroma::collection_info documents;
  };
  static filled_parts& filled() {
    static filled_parts parts = [] {
      chroma_server& server = chroma_server::shared();
      recorder bare{{.service_name = "test"}};
      chroma::client db{bare, server.url()};
      chroma::collection documents = db.create_collection("documents", {.space = "l2"});
      chroma::records records;
      for (int i = 0; i < 10; ++i) {
        records.ids.push_back(std::to_string(i));
        records.embeddings.push_back({static_cast<float>(i), 1});
        records.documents.push_back("page " + std::to_string(i));
        records.metadatas.push_back("{\"n\": " + std::to_string(i) + "}");
      }
      documents.add(records);
      return filled_parts{
          server, {.id = documents.id(), .name = "documents", .dimension = 2, .space = "l2"}};
    }();
    return parts;
  }

  void read(int rows, code_location site) {
    const std::string filter = "{\"n\": {\"$lt\": " + std::to_string(rows) + "}}";
    const std::vector<float> vector{0, 1};
    const auto found = documents_.query(vector, {.filter = filter}, site);
    if (found.size() != static_cast<std::size_t>(rows)) throw std::logic_error{"rows are missing"};
  }

  recorder& telemetry_;
  chroma::client db_;
  chroma::collection documents_;
};

inline void chroma_client::send_secret(std::string_view secret) {
  const std::string value{secret};
  const auto ignore_failure = [](auto call) {
    try {
      call();
    } catch (const std::exception&) {
      return;
    }
  };
  const std::string filter = "{\"n\": \"" + value + "\"}";
  const std::vector<float> vector{0, 1};
  ignore_failure([&] {
    documents_.add({.ids = {value},
                    .embeddings = {{0, 1}},
                    .documents = {value},
                    .metadatas = {"{\"n\": \"" + value + "\"}"}});
  });
  ignore_failure([&] { documents_.update({.ids = {value}, .documents = {value}}); });
  ignore_failure([&] { static_cast<void>(documents_.query(vector, {.filter = filter})); });
  ignore_failure([&] {
    static_cast<void>(
        documents_.query(vector, {.document_filter = "{\"$contains\": \"" + value + "\"}"}));
  });
  ignore_failure([&] {
    static_cast<void>(documents_.query(vector, {.filter = "{\"$and\": \"" + value + "\"}"}));
  });
  ignore_failure([&] {
    const std::vector<std::string> ids{value};
    static_cast<void>(documents_.get({.ids = ids, .filter = filter}));
    documents_.remove({.ids = ids});
  });
  ignore_failure([&] {
    chroma::client keyed{telemetry_, filled_server().url(), {.token = value}};
    keyed.heartbeat();
  });
  ignore_failure([&] {
    chroma::client elsewhere{telemetry_, filled_server().url() + '/' + value + '/'};
    elsewhere.heartbeat();
  });
}

}  // namespace querytap::testing
