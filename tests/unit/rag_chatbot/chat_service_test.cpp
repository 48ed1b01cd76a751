// Every question gets an answer with its sources; anything else is refused with a reason, and nothing
// is written.

#include <querytap/decorators/sqlite.hpp>

#include <rag_chatbot/load/chat_client.hpp>
#include <rag_chatbot/retrieval/answer.hpp>
#include <rag_chatbot/retrieval/hashed_embedder.hpp>
#include <rag_chatbot/retrieval/retriever.hpp>
#include <rag_chatbot/retrieval/vector_index.hpp>
#include <rag_chatbot/service/chat_service.hpp>
#include <rag_chatbot/service/http_server.hpp>
#include <rag_chatbot/store/ingest.hpp>
#include <rag_chatbot/store/sqlite_store.hpp>
#include <support/child_process.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <map>
#include <optional>

using namespace rag_chatbot;
using nlohmann::json;

namespace {

const std::vector<document> documents{
    {"pipe(2)",
     {{"pipe", "pipe2"}, "create pipe"},
     {{"NAME", "pipe, pipe2 - create pipe"},
      {"DESCRIPTION", "pipe() creates a pipe, a data channel. It has two ends."}}},
    {"mkdir(2)",
     {{"mkdir"}, "create a directory"},
     {{"NAME", "mkdir - create a directory"}, {"ERRORS", "EACCES The parent is not writable."}}}};

class remembering_cache final : public answer_cache {
 public:
  std::optional<std::string> find(std::string_view key) override {
    const auto known = replies_.find(std::string{key});
    return known == replies_.end() ? std::nullopt : std::optional{known->second};
  }
  void keep(std::string_view key, std::string_view reply) override {
    replies_[std::string{key}] = reply;
  }

 private:
  std::map<std::string, std::string> replies_;
};

/// The whole service over two pages, without HTTP.
struct service_fixture {
  querytap::testing::temporary_folder folder;
  std::filesystem::path file = folder.path() / "store.sqlite";
  querytap::recorder recorder{{.service_name = "test"}};
  std::unique_ptr<store> library = open_sqlite_store(recorder, file);
  std::vector<cut_document> passages = cut(documents);
  hashed_embedder embed{64, texts_to_embed(passages)};
  bool ingested = ingest(*library, passages, embed);
  vector_index vectors{embed.dimensions()};
  retriever search{recorder, *library, embed, vectors};
  extracting_answerer author;
  remembering_cache cache;
  chat_service chat{recorder, {*library, *library, search, author}};
  chat_service caching_chat{recorder, {*library, *library, search, author, &cache}};

  service_fixture() {
    library->for_each_vector(
        [&](passage_id id, std::span<const float> vector) { vectors.add(id, vector); });
  }

  json ask(const json& question, int status = 200) {
    const auto reply = chat.handle(question.dump());
    CHECK(reply.status == status);
    return json::parse(reply.body);
  }

  int rows_written() {
    querytap::sqlite::connection db{recorder, file.string()};
    auto count =
        db.prepare("select (select count(*) from conversations) + (select count(*) from messages)");
    REQUIRE(count.step());
    return count.column<int>(0);
  }
};

struct refusal {
  std::string body;
  int status;
  std::string message;
};

const std::vector<refusal> refusals{
    {"", 400, "the body is not valid JSON"},
    {"{\"question\": ", 400, "the body is not valid JSON"},
    {"{\"question\": \"\xFF\"}", 400, "the body is not valid JSON"},
    {"[]", 400, "the body must be a JSON object"},
    {"\"question\"", 400, "the body must be a JSON object"},
    {"{}", 400, "'question' is missing"},
    {R"({"question": 7})", 400, "'question' must be a string"},
    {R"({"question": null})", 400, "'question' must be a string"},
    {R"({"question": ""})", 400, "'question' is empty"},
    {R"({"question": " \n "})", 400, "'question' is empty"},
    {R"({"question": "a\u0000b"})", 400, "'question' must not contain the character U+0000"},
    {"{\"question\": \"" + std::string(4097, 'a') + "\"}", 413, "'question' is longer than 4 KiB"},
    {R"({"question": "why?", "conversation": "7"})", 400,
     "'conversation' must be the number of an earlier reply, or absent"},
    {R"({"question": "why?", "conversation": 1.5})", 400,
     "'conversation' must be the number of an earlier reply, or absent"},
    {R"({"question": "why?", "conversation": 999})", 404, "there is no conversation 999"},
    {R"({"question": "why?", "conversation": -1})", 404, "there is no conversation -1"},
    {R"({"question": "why?", "conversation": 18446744073709551615})", 404,
     "there is no conversation 18446744073709551615"},
};

}  // namespace

TEST_CASE("an answer cites the pages that it is from, best first", "[chat_service]") {
  service_fixture service;
  const auto reply = service.ask({{"question", "Which call creates a pipe?"}});

  CHECK(reply["answer"].get<std::string>().find("(pipe(2), ") != std::string::npos);
  CHECK(reply["citations"][0]["page"] == "pipe(2)");
  CHECK(reply["citations"][0]["score"] > reply["citations"][1]["score"]);
  CHECK(reply["citations"][1]["page"] == "mkdir(2)");
  CHECK(reply["citations"].size() == 2);
  CHECK(reply["sections"] == json{"NAME", "DESCRIPTION"});
  CHECK(service.rows_written() == 3);
}

TEST_CASE("a follow-up is understood from the conversation", "[chat_service]") {
  service_fixture service;
  const auto first = service.ask({{"question", "Which call creates a directory?"}});
  const auto next =
      service.ask({{"question", "What are its errors?"}, {"conversation", first["conversation"]}});
  CHECK(next["conversation"] == first["conversation"]);
  CHECK(next["citations"][0]["page"] == "mkdir(2)");
  CHECK(service.rows_written() == 5);
}

TEST_CASE("a question about nothing that is stored is answered honestly", "[chat_service]") {
  service_fixture service;
  const auto reply = service.ask({{"question", "?!"}});
  CHECK(reply["answer"] == "I found nothing about that in my pages.");
  CHECK(reply["citations"].empty());
}

TEST_CASE("a body without a question is refused with a reason, and nothing is written",
          "[chat_service]") {
  service_fixture service;
  for (const auto& [body, status, message] : refusals) {
    CAPTURE(body.substr(0, 80));
    const auto reply = service.chat.handle(body);
    CHECK(reply.status == status);
    CHECK(json::parse(reply.body) == json{{"error", message}});
  }
  CHECK(service.rows_written() == 0);
}

TEST_CASE("a database that fails is an error of the service, without its details",
          "[chat_service]") {
  service_fixture service;
  querytap::sqlite::connection{service.recorder, service.file.string()}.exec("drop table messages");
  const auto reply = service.ask({{"question", "Which call creates a pipe?"}}, 500);
  CHECK(reply == json{{"error", "the answer could not be made"}});
}

TEST_CASE("HTTP brings a question to the service and its answer back", "[http_server]") {
  service_fixture service;
  const http_server server{{.listen = {"127.0.0.1", 0}, .threads = 2},
                           [&](std::string_view body) { return service.chat.handle(body); }};
  chat_client client{server.listening()};

  const auto first = client.ask(std::nullopt, "Which call creates a pipe?");
  CHECK(first.status == 200);
  CHECK(first.cited_pages == std::vector<std::string>{"pipe(2)", "mkdir(2)"});
  const auto next = client.ask(first.conversation, "And a directory?");
  CHECK(next.conversation == first.conversation);
  CHECK(client.ask(999, "why?").status == 404);
}

TEST_CASE("an HTTP request without a question is refused with a reason", "[http_server]") {
  service_fixture service;
  const http_server server{{.listen = {"127.0.0.1", 0}, .threads = 2},
                           [&](std::string_view body) { return service.chat.handle(body); }};
  chat_client client{server.listening()};
  const auto error = [](std::string_view message) { return json{{"error", message}}.dump(); };
  using reply = std::pair<int, std::string>;

  const std::string megabyte(1 << 20, 'a');
  CHECK(client.send("POST", "/chat", R"({"question": ")" + megabyte + "\"}") ==
        reply{413, error("the body is longer than any question may be")});
  CHECK(client.send("GET", "/chat", "") == reply{405, error("use POST /chat")});
  CHECK(client.send("DELETE", "/chat", "") == reply{405, error("use POST /chat")});
  CHECK(client.send("GET", "/", "") == reply{404, error("there is nothing here but POST /chat")});
  CHECK(client.send("POST", "/chats", R"({"question": "why?"})") ==
        reply{404, error("there is nothing here but POST /chat")});
  CHECK(client.send("POST", "/chat", "why?") == reply{400, error("the body is not valid JSON")});
  CHECK(service.rows_written() == 0);
}

TEST_CASE("an address that is taken is refused by name", "[http_server]") {
  const auto unused = [](std::string_view) { return error_reply(500, ""); };
  const http_server first{{.listen = {"127.0.0.1", 0}, .threads = 1}, unused};
  CHECK_THROWS_WITH((http_server{{.listen = first.listening(), .threads = 1}, unused}),
                    "cannot listen on " + to_string(first.listening()));
}

TEST_CASE(
    "a question asked again has the same answer, from the cache, in a conversation of its own",
    "[chat_service]") {
  service_fixture service;
  const std::string question = R"({"question": "Which call creates a pipe?"})";
  const auto first = json::parse(service.caching_chat.handle(question).body);
  const auto again = json::parse(service.caching_chat.handle(question).body);
  CHECK(first["answer"] == again["answer"]);
  CHECK(first["citations"] == again["citations"]);
  CHECK(first["conversation"] != again["conversation"]);
  std::map<std::string, std::int64_t> counts;
  const querytap::snapshot snapshot = service.recorder.collect();
  for (const auto& point : snapshot.find("rag_chatbot.cached_answers")) {
    counts[querytap::to_string(*point.series->labels.find("querytap.result"))] = point.number;
  }
  CHECK(counts == std::map<std::string, std::int64_t>{{"hit", 1}, {"miss", 1}});
}

TEST_CASE("each stage of an answer is timed, by its strategy", "[chat_service]") {
  service_fixture service;
  service.ask({{"question", "Which call creates a pipe?"}});
  std::vector<std::string> stages;
  const querytap::snapshot snapshot = service.recorder.collect();
  for (const auto& point : snapshot.find("querytap.rag.stage.duration")) {
    if (point.histogram->count() > 0) stages.push_back(querytap::to_string(point.series->labels));
  }
  std::sort(stages.begin(), stages.end());
  const std::string of_chat = "querytap.request.name=POST /chat querytap.stage=";
  CHECK(stages == std::vector<std::string>{of_chat + "embed",
                                           of_chat + "generate querytap.strategy=extractive",
                                           of_chat + "merge querytap.strategy=reciprocal_rank",
                                           of_chat + "retrieve querytap.strategy=fulltext",
                                           of_chat + "retrieve querytap.strategy=vector"});
}
