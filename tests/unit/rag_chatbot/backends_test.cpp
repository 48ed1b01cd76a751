// What the chatbot may exchange works as what it stands for, and each call of it is measured.

#include <rag_chatbot/backends/chroma_index.hpp>
#include <rag_chatbot/backends/model_answerer.hpp>
#include <rag_chatbot/backends/model_prices.hpp>
#include <rag_chatbot/backends/mongo_history.hpp>
#include <rag_chatbot/backends/redis_cache.hpp>
#include <rag_chatbot/report/model_costs.hpp>
#include <rag_chatbot/retrieval/hashed_embedder.hpp>
#include <rag_chatbot/retrieval/retriever.hpp>
#include <rag_chatbot/retrieval/vector_index.hpp>
#include <rag_chatbot/service/chat_service.hpp>
#include <rag_chatbot/store/ingest.hpp>
#include <rag_chatbot/store/sqlite_store.hpp>
#include <support/chroma_server.hpp>
#include <support/fault_server.hpp>
#include <support/model_replies.hpp>
#include <support/mongo_server.hpp>
#include <support/redis_server.hpp>

#include <querytap/snapshot/statement_table.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

using namespace rag_chatbot;
using querytap::testing::chroma_server;
using querytap::testing::fault_server;
using querytap::testing::mongo_command;
using querytap::testing::mongo_reply;
using querytap::testing::mongo_server;
using querytap::testing::redis_server;

namespace {

/// Each statement that was called, with its number of calls and errors.
std::string calls_of(querytap::recorder& recorder) {
  std::vector<std::string> lines;
  for (const auto& row : querytap::statement_table(recorder.collect())) {
    lines.push_back(row.system + ": " + row.statement->summary + ' ' + std::to_string(row.calls) +
                    (row.errors == 0 ? "" : ", " + std::to_string(row.errors) + " failed") + '\n');
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

}  // namespace

TEST_CASE("answers are kept in Redis, under keys without the question", "[backends]") {
  redis_server server;
  querytap::recorder recorder{{.service_name = "test"}};
  const auto cache =
      open_redis_cache(recorder, {"127.0.0.1", static_cast<std::uint16_t>(server.port())});
  CHECK_FALSE(cache->find("canary?").has_value());
  cache->keep("canary?", std::string_view{"an\0swer", 7});
  CHECK(cache->find("canary?") == std::string{"an\0swer", 7});
  CHECK(calls_of(recorder) == "redis: GET 2\nredis: SET 1\n");
}

TEST_CASE("a cache that is down makes answers slower, and does not fail", "[backends]") {
  redis_server server;
  querytap::recorder recorder{{.service_name = "test"}};
  const auto cache =
      open_redis_cache(recorder, {"127.0.0.1", static_cast<std::uint16_t>(server.port())});
  server.crash();
  CHECK_FALSE(cache->find("question").has_value());
  CHECK_NOTHROW(cache->keep("question", "answer"));
  server.restart();
  cache->keep("question", "answer");
  CHECK(cache->find("question") == "answer");
  CHECK_THROWS_AS(open_redis_cache(recorder, {"127.0.0.1", 1}), std::runtime_error);
}

TEST_CASE("conversations are inserted into MongoDB by one command each, and come back in order",
          "[backends]") {
  mongo_server server{[](const mongo_command& command) {
    if (command.name == "insert") return mongo_reply{R"({"ok": 1, "n": 2})"};
    if (command.name != "find") return mongo_reply{};
    return mongo_reply{
        R"({"ok": 1, "cursor": {"id": {"$numberLong": "0"}, "ns": "chatbot.messages", "firstBatch": [)"
        R"({"speaker": "assistant", "body": "By pipe(2)."}, {"speaker": "user", "body": "Which call?"}]}})"};
  }};
  querytap::recorder recorder{{.service_name = "test"}};
  const auto conversations = open_mongo_history(recorder, server.uri("chatbot"));
  const auto id = conversations->add_exchange({}, "Which call?", "By pipe(2).");
  CHECK(id >= 0);
  CHECK(conversations->add_exchange(id, "And then?", "Nothing.") == id);
  CHECK(conversations->last_messages(id, 6) ==
        std::vector<message>{{speaker::user, "Which call?"}, {speaker::assistant, "By pipe(2)."}});
  CHECK(calls_of(recorder) == "mongodb: find messages 1\nmongodb: insert messages 2\n");
}

TEST_CASE("a connection string that cannot be used is refused without being shown", "[backends]") {
  querytap::recorder recorder{{.service_name = "test"}};
  CHECK_THROWS_WITH(open_mongo_history(recorder, "mongo://user:canary@host"),
                    Catch::Contains("--mongo") && !Catch::Contains("canary"));
}

TEST_CASE("a model writes the answer from the passages, and is timed to its first word",
          "[backends]") {
  fault_server model{{querytap::testing::streamed_answer("small-1")}};
  querytap::recorder recorder{{.service_name = "test"}};
  const auto author = open_model_answerer(
      recorder, {.url = model.url() + "/v1", .name = "small", .api_key = "key"});
  const std::vector<stored_passage> passages{
      {1, "pipe(2)", "DESCRIPTION", "pipe() creates a pipe."}};
  const written_answer written = author->answer(passages, "Which call?", "acme");
  CHECK(written.text == "By pipe(2).");
  CHECK(written.dollars == std::nullopt);  // without prices
  const auto requests = model.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].path == "/v1/chat/completions");
  CHECK(requests[0].headers.at("authorization") == "Bearer key");
  CHECK_THAT(requests[0].body,
             Catch::Contains("pipe() creates a pipe.") && Catch::Contains("Which call?"));
  const querytap::snapshot snapshot = recorder.collect();
  CHECK(snapshot.find("gen_ai.client.operation.time_to_first_chunk").size() == 1);
  CHECK(snapshot.find("gen_ai.client.token.usage").size() == 2);
  CHECK_THAT(calls_of(recorder), Catch::EndsWith(": chat small 1\n"));
}

TEST_CASE("an answer has a price, and a tenant that has spent its budget is told so",
          "[backends]") {
  fault_server model{{querytap::testing::streamed_answer("gpt-4o-mini-2024-07-18")}};
  const std::vector<document> pages{
      {"pipe(2)", {{"pipe"}, "create pipe"}, {{"NAME", "pipe - create pipe"}}}};
  const querytap::testing::temporary_folder folder;
  querytap::recorder recorder{{.service_name = "test"}};
  const auto library = open_sqlite_store(recorder, folder.path() / "store.sqlite");
  const auto passages = cut(pages);
  const hashed_embedder embed{64, texts_to_embed(passages)};
  REQUIRE(ingest(*library, passages, embed));
  vector_index vectors{embed.dimensions()};
  library->for_each_vector(
      [&](passage_id id, std::span<const float> vector) { vectors.add(id, vector); });
  const auto author =
      open_model_answerer(recorder, {.url = model.url() + "/v1",
                                     .name = "gpt-4o-mini",
                                     .prices = open_model_prices(recorder, RAG_CHATBOT_PRICES),
                                     .budget = querytap::money{10'000}});
  retriever search{recorder, *library, embed, vectors};
  chat_service chat{recorder, {*library, *library, search, *author}};
  const auto ask = [&](const std::string& tenant) {
    return chat.handle(R"({"question": "Which call creates a pipe?", "tenant": ")" + tenant +
                       "\"}");
  };

  const chat_reply first = ask("acme");
  CHECK(first.status == 200);
  CHECK(nlohmann::json::parse(first.body)["cost_dollars"] == 9.9e-6);
  CHECK(recorder.collect().findings.empty());
  CHECK(ask("acme").status == 200);  // the one that goes past it
  const chat_reply refused = ask("acme");
  CHECK(refused.status == 402);
  CHECK(refused.body == R"({"error":"the budget of tenant 'acme' is used up until midnight UTC"})");
  CHECK(ask("other").status == 200);
  CHECK(model.requests().size() == 3);

  const querytap::snapshot snapshot = recorder.collect();
  REQUIRE(snapshot.findings.size() == 1);
  CHECK(snapshot.findings[0]->kind == querytap::finding_kind::budget_exceeded);
  CHECK(snapshot.findings[0]->tenant == "acme");
  CHECK(model_costs(snapshot) ==
        "models\n  calls 4   answers 3   cost $0.000030   an answer $0.000010   calls without a "
        "price 0\n  tenant acme: $0.000020 of $0.000010 today\n  tenant other: $0.000010 of "
        "$0.000010 today\n\n");
}

TEST_CASE("a file of prices that cannot be read is named", "[backends]") {
  querytap::recorder recorder{{.service_name = "test"}};
  CHECK_THROWS_WITH(open_model_prices(recorder, "missing.yaml"), Catch::Contains("missing.yaml"));
}

TEST_CASE("Chroma finds the passages that the index in memory finds, and is given them once",
          "[backends]") {
  const std::vector<document> pages{
      {"pipe(2)", {{"pipe"}, "create pipe"}, {{"NAME", "pipe - create pipe"}}},
      {"mkdir(2)", {{"mkdir"}, "create a directory"}, {{"NAME", "mkdir - create a directory"}}},
      {"kill(2)", {{"kill"}, "send a signal"}, {{"NAME", "kill - send a signal to a process"}}}};
  const querytap::testing::temporary_folder folder;
  querytap::recorder recorder{{.service_name = "test"}};
  const auto library = open_sqlite_store(recorder, folder.path() / "store.sqlite");
  const auto passages = cut(pages);
  const hashed_embedder embed{64, texts_to_embed(passages)};
  REQUIRE(ingest(*library, passages, embed));
  vector_index in_memory{embed.dimensions()};
  library->for_each_vector(
      [&](passage_id id, std::span<const float> vector) { in_memory.add(id, vector); });

  const chroma_server& server = chroma_server::shared();
  static_cast<void>(open_chroma_index(recorder, server.url(), *library));
  const auto index = open_chroma_index(recorder, server.url(), *library);
  for (const char* question : {"which call creates a pipe?", "send a signal", "the"}) {
    const embedding vector = embed.embed(question);
    const ranking expected = in_memory.nearest(vector, 10);
    const ranking found = index->nearest(vector, 10);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      CHECK(found[i].score == Approx(expected[i].score).margin(1e-5));
    }
  }
  const std::string calls = calls_of(recorder);
  CHECK_THAT(calls,
             Catch::Contains("chroma: upsert passages-") && Catch::Contains("chroma: query"));
  CHECK(recorder.collect().find("querytap.retrieval.asked").size() >= 1);
}
