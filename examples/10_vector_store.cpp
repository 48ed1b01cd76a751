// Measure a vector store that querytap has no client for: five calls, whatever the client is. Here it is a
// search over plain HTTP, by cpp-httplib, and a stand-in of the store in this program.
//
//     $ build/examples/10_vector_store
//     10 asked for, 4 returned
//     query pages by cosine where lang    1 call
//     upsert pages                        1 call
//     under_return: 1 of 1 searches of pages so far returned fewer results than they asked for, 4 instead of 10; one that asked for 10 was looked into: 25 records could have been found
//       make a payload index for each filtered key before the points are indexed, and raise `hnsw_ef` of the search

#include <querytap/calls/retrieval/vector_store.hpp>
#include <querytap/querytap.hpp>

#include <httplib.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using nlohmann::json;

/// The store: 25 points in English, of which its index finds no more than four, as an index does that
/// looks at too few of its points before it filters.
class stand_in {
 public:
  stand_in() {
    server_.Put("/points", [](const httplib::Request&, httplib::Response& reply) {
      reply.set_content("{}", "application/json");
    });
    server_.Post("/search", [](const httplib::Request&, httplib::Response& reply) {
      json found = json::array();
      for (int i = 0; i < 4; ++i) found.push_back({{"id", i}, {"score", 0.9 - 0.1 * i}});
      reply.set_content(found.dump(), "application/json");
    });
    server_.Post("/count", [](const httplib::Request&, httplib::Response& reply) {
      reply.set_content(R"({"count": 25})", "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~stand_in() {
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] int port() const noexcept { return port_; }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

/// The application's own client, with one member for querytap.
class page_store {
 public:
  page_store(querytap::recorder& recorder, int port)
      : http_{"127.0.0.1", port},
        timed_{querytap::vector_store{recorder,
                                      {.system = "qdrant",
                                       .server_address = "127.0.0.1",
                                       .server_port = static_cast<std::uint16_t>(port)}}
                   .collection("pages")} {}

  void upsert(std::uint64_t points) {
    auto call = timed_.upsert(points);
    post_or_put(call, http_.Put("/points", "{}", "application/json"));
  }

  std::vector<int> search(const std::string& lang, std::uint64_t k) {
    auto call = timed_.search({.k = k, .filter = {"lang"}, .metric = "cosine"});
    const json filter{{"lang", lang}, {"limit", k}};
    const json reply = post_or_put(call, http_.Post("/search", filter.dump(), "application/json"));
    std::vector<int> ids;
    std::vector<double> distances;
    for (const json& point : reply) {
      ids.push_back(point.at("id"));
      distances.push_back(1 - point.at("score").get<double>());
    }
    call.returned(ids.size(), distances);
    call.explain([&] { return count(filter); });  // called once a minute, if at all
    return ids;
  }

 private:
  std::uint64_t count(const json& filter) {
    const auto reply = http_.Post("/count", filter.dump(), "application/json");
    return json::parse(reply->body).at("count");
  }

  template <class Call>
  static json post_or_put(Call& call, const httplib::Result& reply) {
    if (!reply) throw std::runtime_error{"no answer"};  // the call fails with it
    if (reply->status < 300) return json::parse(reply->body);
    const std::string status = std::to_string(reply->status);
    call.failed(querytap::outcome::error(status, status));
    throw std::runtime_error{"refused"};
  }

  httplib::Client http_;
  querytap::vector_collection timed_;
};

void print(const querytap::snapshot& snapshot) {
  auto rows = querytap::statement_table(snapshot);
  std::ranges::sort(rows, {}, [](const auto& row) { return row.statement->text; });
  for (const auto& row : rows) {
    std::printf("%-34s  %llu call\n", row.statement->text.c_str(),
                static_cast<unsigned long long>(row.calls));
  }
  for (const auto& finding : snapshot.findings) {
    std::printf("%s: %s\n  %s\n", std::string{to_string(finding->kind)}.c_str(),
                finding->message.c_str(), finding->advice.c_str());
  }
}

}  // namespace

int main() try {
  const stand_in store;
  querytap::recorder recorder{{.service_name = "chatbot"}};
  page_store pages{recorder, store.port()};
  pages.upsert(25);
  std::printf("10 asked for, %zu returned\n", pages.search("en", 10).size());
  print(recorder.collect());
} catch (const std::exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
