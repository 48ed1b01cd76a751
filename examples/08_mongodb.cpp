// Watch an application that uses libmongoc: one line at its client, and the lines of its calls where they matter.
//
//     $ MONGODB_URI=mongodb://127.0.0.1/chat build/examples/08_mongodb
//     5 calls   p50 210 µs   {"find": "messages", "filter": {"user": ?}}
//     3 calls   p50 250 µs   {"insert": "messages", "ordered": ?, "documents": [?]}
//     n_plus_one  08_mongodb.cpp:34
//       load all keys with one find: {key: {$in: […]}}
//     Single, a server takes writes: yes

#include <querytap/decorators/mongodb.hpp>
#include <querytap/querytap.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

namespace mongodb = querytap::mongodb;

bool insert(mongoc_collection_t* messages, int user) {
  bson_t* message = BCON_NEW("user", BCON_INT32(user), "text", "never shown");
  bson_error_t error;
  const bool is_there = mongoc_collection_insert_one(messages, message, nullptr, nullptr, &error);
  if (!is_there) std::fprintf(stderr, "%s\n", error.message);
  bson_destroy(message);
  return is_there;
}

void find(const mongodb::observation& watched, mongoc_collection_t* messages, int user) {
  // libmongoc's events know no line: the scope does. A text makes it a call of its own where no server is found.
  mongodb::call here{watched, R"({"find": "messages"})"};
  bson_t* filter = BCON_NEW("user", BCON_INT32(user));
  mongoc_cursor_t* found = mongoc_collection_find_with_opts(messages, filter, nullptr, nullptr);
  const bson_t* message = nullptr;
  while (mongoc_cursor_next(found, &message)) {
  }
  bson_error_t error;
  if (mongoc_cursor_error(found, &error)) here.fail(error);
  mongoc_cursor_destroy(found);
  bson_destroy(filter);
}

void print(const querytap::snapshot& seen) {
  auto rows = querytap::statement_table(seen);
  std::sort(rows.begin(), rows.end(), [](auto& a, auto& b) { return a.calls > b.calls; });
  for (const auto& row : rows) {
    if (row.calls == 0) continue;
    std::printf("%llu calls   p50 %s   %s\n", static_cast<unsigned long long>(row.calls),
                querytap::human_duration(row.p50).c_str(), row.statement->text.c_str());
  }
  for (const auto& finding : seen.findings) {
    const auto file = std::filesystem::path{finding->site.file}.filename().string();
    std::printf("%s  %s:%u\n  %s\n", std::string{to_string(finding->kind)}.c_str(), file.c_str(),
                finding->site.line, finding->advice.substr(0, finding->advice.find(';')).c_str());
  }
}

}  // namespace

int main() {
  mongoc_init();
  const char* uri = std::getenv("MONGODB_URI");
  mongoc_client_t* client = mongoc_client_new(uri == nullptr ? "mongodb://127.0.0.1/chat" : uri);
  mongoc_collection_t* messages = mongoc_client_get_collection(client, "chat", "messages");
  {
    querytap::recorder recorder{{.service_name = "chatbot"}};
    const mongodb::observation watched{recorder, client};  // the one new line
    for (int user = 1; user <= 3; ++user) {
      if (!insert(messages, user)) return 1;
    }
    {
      querytap::request request{recorder, "GET /history"};
      for (int user = 1; user <= 5; ++user) find(watched, messages, user);
    }
    print(recorder.collect());
    const mongodb::topology servers = watched.topology();
    std::printf("%s, a server takes writes: %s\n", servers.type.c_str(),
                servers.has_writable() ? "yes" : "no");
  }
  mongoc_collection_destroy(messages);
  mongoc_client_destroy(client);
  mongoc_cleanup();
}
