// What is stored comes back the same from both databases: documents, vectors, conversations.

#include <querytap/calls/request.hpp>
#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/retrieval/hashed_embedder.hpp>
#include <rag_chatbot/store/ingest.hpp>
#include <rag_chatbot/store/postgres_store.hpp>
#include <rag_chatbot/store/sqlite_store.hpp>
#include <rag_chatbot/store/vector_bytes.hpp>
#include <support/child_process.hpp>
#include <support/postgres_server.hpp>

#include <catch2/catch.hpp>

#include <pqxx/pqxx>

#include <algorithm>
#include <array>

using namespace rag_chatbot;
using querytap::testing::postgres_server;
using querytap::testing::temporary_folder;

namespace {

struct sqlite_fixture {
  querytap::recorder recorder{{.service_name = "test"}};
  temporary_folder folder;
  std::unique_ptr<store> library = open();

  std::unique_ptr<store> open(const store_options& options = {}) {
    return open_sqlite_store(recorder, folder.path() / "store.sqlite", options);
  }
};

struct postgres_fixture {
  querytap::recorder recorder{{.service_name = "test"}};
  std::string database = fresh_database();
  std::unique_ptr<store> library = open();

  std::unique_ptr<store> open(const store_options& options = {}) {
    return open_postgres_store(recorder, database, options);
  }

  static std::string fresh_database() {
    static int made = 0;
    const auto name = "store_" + std::to_string(++made);
    const auto server = postgres_server::shared().connection_string();
    pqxx::connection administrator{server};
    pqxx::nontransaction{administrator}.exec("create database " + name);
    return server + " dbname=" + name;  // the last dbname counts
  }
};

const std::vector<document_to_store> corpus{
    {"pipe(2)",
     "pipe, pipe2 - create pipe",
     {{"NAME", "pipe, pipe2 - create pipe", {1, 0}},
      {"DESCRIPTION",
       "It's a \"unidirectional\" data channel; naïve – and\n40 % off.",
       {0.6F, 0.8F}}}},
    {"fork(2)",
     "fork - create a child process",
     {{"DESCRIPTION", "The child inherits a pipe of its parent.", {0, 1}}}}};

const std::array<passage_id, 4> all_ids{1, 2, 3, 99};

std::vector<stored_passage> sorted_by_id(std::vector<stored_passage> passages) {
  std::sort(passages.begin(), passages.end(),
            [](const auto& left, const auto& right) { return left.id < right.id; });
  return passages;
}

std::vector<passage_id> ids_of(const ranking& ranked) {
  std::vector<passage_id> ids;
  for (const auto& item : ranked) ids.push_back(item.id);
  return ids;
}

ranking search(store& library, std::vector<std::string> words) {
  return library.search_words(words, 10);
}

}  // namespace

TEMPLATE_TEST_CASE("passages and vectors come back as they were stored", "[store]", sqlite_fixture,
                   postgres_fixture) {
  TestType fixture;
  auto& library = *fixture.library;
  library.replace_corpus(corpus, "first");

  CHECK(library.corpus_fingerprint() == "first");
  CHECK(sorted_by_id(library.passages(all_ids)) ==
        std::vector<stored_passage>{{1, "pipe(2)", "NAME", corpus[0].passages[0].body},
                                    {2, "pipe(2)", "DESCRIPTION", corpus[0].passages[1].body},
                                    {3, "fork(2)", "DESCRIPTION", corpus[1].passages[0].body}});
  std::vector<embedding> vectors;
  library.for_each_vector([&](passage_id id, std::span<const float> vector) {
    CHECK(id == static_cast<passage_id>(vectors.size()) + 1);
    vectors.emplace_back(vector.begin(), vector.end());
  });
  CHECK(vectors == std::vector<embedding>{{1, 0}, {0.6F, 0.8F}, {0, 1}});
}

TEMPLATE_TEST_CASE("words find the passages that have them, in any form", "[store]", sqlite_fixture,
                   postgres_fixture) {
  TestType fixture;
  auto& library = *fixture.library;
  CHECK(search(library, {"pipe"}).empty());
  library.replace_corpus(corpus, "first");

  CHECK(ids_of(search(library, {"creates", "pipes"}))[0] == 1);
  CHECK(search(library, {"pipe"}).size() == 3);
  CHECK(ids_of(search(library, {"unidirectional"})) == std::vector<passage_id>{2});
  CHECK(search(library, {"socket"}).empty());
  CHECK(library.search_words(std::vector<std::string>{"pipe"}, 1).size() == 1);
  for (const auto& found : search(library, {"pipe"})) CHECK(found.score > 0);
}

TEMPLATE_TEST_CASE("words that mean something to a query language are only words", "[store]",
                   sqlite_fixture, postgres_fixture) {
  TestType fixture;
  fixture.library->replace_corpus(corpus, "first");
  CHECK(search(*fixture.library, {"near", "not", "or"}).empty());
  CHECK_NOTHROW(search(*fixture.library, {"the", "é", "pthread_create", "0"}));
}

TEMPLATE_TEST_CASE("a new corpus replaces the old one, and conversations stay", "[store]",
                   sqlite_fixture, postgres_fixture) {
  TestType fixture;
  auto& library = *fixture.library;
  library.replace_corpus(corpus, "first");
  const auto conversation = library.add_exchange(std::nullopt, "question", "answer");
  library.replace_corpus(std::span{corpus}.subspan(1), "second");

  CHECK(library.corpus_fingerprint() == "second");
  CHECK(library.passages(all_ids).size() == 1);
  CHECK(search(library, {"unidirectional"}).empty());
  CHECK(ids_of(search(library, {"child"})) == std::vector<passage_id>{1});
  CHECK(library.last_messages(conversation, 10).size() == 2);
}

TEMPLATE_TEST_CASE("a corpus that cannot be stored leaves the old one in place", "[store]",
                   sqlite_fixture, postgres_fixture) {
  TestType fixture;
  auto& library = *fixture.library;
  library.replace_corpus(corpus, "first");
  const std::vector twice{corpus[0], corpus[0]};
  CHECK_THROWS(library.replace_corpus(twice, "second"));

  CHECK(library.corpus_fingerprint() == "first");
  CHECK(library.passages(all_ids).size() == 3);
  CHECK(search(library, {"child"}).size() == 1);
}

TEMPLATE_TEST_CASE("the messages of a conversation are in order", "[store]", sqlite_fixture,
                   postgres_fixture) {
  TestType fixture;
  auto& library = *fixture.library;
  const auto first = library.add_exchange(std::nullopt, "it's \"one\"?", "yes;\n--");
  const auto other = library.add_exchange(std::nullopt, "other", "yes");
  CHECK(library.add_exchange(first, "two?", "no") == first);

  CHECK(first != other);
  CHECK(library.last_messages(first, 10) == std::vector<message>{{speaker::user, "it's \"one\"?"},
                                                                 {speaker::assistant, "yes;\n--"},
                                                                 {speaker::user, "two?"},
                                                                 {speaker::assistant, "no"}});
  CHECK(library.last_messages(first, 1) == std::vector<message>{{speaker::assistant, "no"}});
  CHECK(library.last_messages(other + 1, 10).empty());
}

TEMPLATE_TEST_CASE("nothing is added to a conversation that does not exist", "[store]",
                   sqlite_fixture, postgres_fixture) {
  TestType fixture;
  CHECK_THROWS(fixture.library->add_exchange(12345, "question", "answer"));
  CHECK(fixture.library->last_messages(12345, 10).empty());
}

TEMPLATE_TEST_CASE("a store that is opened again has what was stored", "[store]", sqlite_fixture,
                   postgres_fixture) {
  TestType fixture;
  CHECK(fixture.library->corpus_fingerprint().empty());
  fixture.library->replace_corpus(corpus, "first");
  fixture.library = fixture.open();
  CHECK(fixture.library->corpus_fingerprint() == "first");
  CHECK(search(*fixture.library, {"child"}).size() == 1);
}

TEST_CASE("documents are ingested once, and again when they or the embedder change", "[ingest]") {
  sqlite_fixture fixture;
  auto& library = *fixture.library;
  const std::vector<document> documents{
      {"pipe(2)", {{"pipe"}, "create pipe"}, {{"DESCRIPTION", "pipe() creates a pipe."}}}};
  const auto passages = cut(documents);
  const auto texts = texts_to_embed(passages);
  CHECK(texts == std::vector<std::string>{"pipe - create pipe\npipe() creates a pipe."});

  CHECK(ingest(library, passages, hashed_embedder{64, texts}));
  CHECK_FALSE(ingest(library, passages, hashed_embedder{64, texts}));
  CHECK(ingest(library, passages, hashed_embedder{128, texts}));
  auto changed = passages;
  changed[0].passages[0].body += " More.";
  CHECK(ingest(library, changed, hashed_embedder{128, texts}));
}

TEST_CASE("a vector is the same after it was bytes or digits", "[vector_bytes]") {
  const embedding vector{0, -1.5F, 3.25e-7F};
  CHECK(vector_from(bytes_of(vector)) == vector);
  CHECK(vector_from_hex(hex_of(vector)) == vector);
  CHECK(hex_of({}).empty());
  CHECK(vector_from_hex("").empty());
  CHECK_THROWS_AS(vector_from_hex("0000803g"), std::invalid_argument);
  CHECK_THROWS_AS(vector_from_hex("0000803"), std::invalid_argument);
  CHECK_THROWS_AS(vector_from_hex("000080"), std::invalid_argument);
}

TEMPLATE_TEST_CASE(
    "a planted N+1 is found with its line, and is gone where all are asked for at once", "[store]",
    sqlite_fixture, postgres_fixture) {
  TestType chat;
  chat.library->replace_corpus(corpus, "corpus");
  const auto ask_for_all = [&](store& library) {
    querytap::request request{chat.recorder, "POST /chat"};
    return library.passages(std::vector<passage_id>{1, 2, 3, 4, 5, 6}).size();
  };
  const std::size_t stored = ask_for_all(*chat.library);
  CHECK(chat.recorder.collect().findings.empty());

  const auto planted = chat.open({.mistakes = {.n_plus_one = true}});
  CHECK(ask_for_all(*planted) == stored);
  const auto found = chat.recorder.collect().findings;
  REQUIRE(found.size() == 1);
  CHECK(found[0]->kind == querytap::finding_kind::n_plus_one);
  CHECK(found[0]->calls == 6);
  CHECK_THAT(found[0]->site.file, Catch::StartsWith("examples/rag_chatbot/store/"));
  CHECK(found[0]->site.line > 0);
}

TEMPLATE_TEST_CASE("the sections of a page are in its order, for each of its passages", "[store]",
                   sqlite_fixture, postgres_fixture) {
  TestType chat;
  chat.library->replace_corpus(corpus, "corpus");
  CHECK(chat.library->sections_beside(2) == std::vector<std::string>{"NAME", "DESCRIPTION"});
  CHECK(chat.library->sections_beside(99).empty());
  const auto planted = chat.open({.mistakes = {.missing_index = true}});
  CHECK(planted->sections_beside(1) == chat.library->sections_beside(1));
}
