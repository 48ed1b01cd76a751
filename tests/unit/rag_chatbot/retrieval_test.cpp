// Texts about the same thing are found near each other, and two rankings are merged fairly.

#include <rag_chatbot/retrieval/hashed_embedder.hpp>
#include <rag_chatbot/retrieval/ranking.hpp>
#include <rag_chatbot/retrieval/vector_index.hpp>
#include <rag_chatbot/retrieval/words.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <numeric>

using namespace rag_chatbot;

namespace {

const std::vector<std::string> sentences{"create a pipe between two processes",
                                         "create a directory in the file system",
                                         "send a signal to a process", "sort an array"};

double cosine(const embedding& a, const embedding& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

TEST_CASE("words are in lower case, names are one word, grammar is left out", "[words]") {
  CHECK(words_of("Which call creates pthread_create(3)?") ==
        std::vector<std::string>{"which", "call", "creates", "pthread_create", "3"});
  CHECK(significant_words_of("Which call creates a pipe?") ==
        std::vector<std::string>{"creates", "pipe"});
  CHECK(significant_words_of("what is it?").empty());
}

TEST_CASE("forms of one word have one stem", "[words]") {
  CHECK(stem("creates") == stem("create"));
  CHECK(stem("creating") == stem("created"));
  CHECK(stem("process") == "process");
  CHECK(stem("status") == "status");
  CHECK(stem("is") == "is");
}

TEST_CASE("the same text has the same vector, of length one", "[embedder]") {
  const hashed_embedder first{64, sentences};
  const hashed_embedder second{64, sentences};
  const auto vector = first.embed("create a pipe");
  CHECK(vector == second.embed("create a pipe"));
  CHECK(vector.size() == 64);
  CHECK(std::sqrt(cosine(vector, vector)) == Approx(1));
}

TEST_CASE("a text without significant words has no direction", "[embedder]") {
  const hashed_embedder embed{64, sentences};
  CHECK(embed.embed("what is it?") == embedding(64));
  CHECK(embed.embed("") == embedding(64));
}

TEST_CASE("texts with rare words in common are nearer than those with frequent ones",
          "[embedder]") {
  const hashed_embedder embed{512, sentences};
  const auto question = embed.embed("which call creates pipes?");
  CHECK(cosine(question, embed.embed(sentences[0])) > cosine(question, embed.embed(sentences[1])));
  CHECK(cosine(question, embed.embed(sentences[1])) > cosine(question, embed.embed(sentences[3])));
}

TEST_CASE("embedders that cannot be compared have different names", "[embedder]") {
  CHECK(hashed_embedder{64, sentences}.name() != hashed_embedder{128, sentences}.name());
}

TEST_CASE("the nearest vectors come first, those that point away not at all", "[vector_index]") {
  vector_index index{2};
  index.add(1, std::array{0.6F, 0.8F});
  index.add(2, std::array{1.0F, 0.0F});
  index.add(3, std::array{-1.0F, 0.0F});
  index.add(4, std::array{0.0F, 0.0F});

  const auto near = index.nearest(std::array{1.0F, 0.0F}, 10);
  REQUIRE(near.size() == 2);
  CHECK(near[0] == ranked_passage{2, 1});
  CHECK(near[1].id == 1);
  CHECK(index.nearest(std::array{1.0F, 0.0F}, 1).size() == 1);
}

TEST_CASE("the order of equally near passages is always the same", "[vector_index]") {
  vector_index index{1};
  for (const passage_id id : {3, 1, 2}) index.add(id, std::array{1.0F});
  const auto near = index.nearest(std::array{1.0F}, 2);
  CHECK(near == ranking{{1, 1}, {2, 1}});
}

TEST_CASE("a vector of other dimensions is refused", "[vector_index]") {
  vector_index index{2};
  CHECK_THROWS_AS(index.add(1, std::array{1.0F}), std::invalid_argument);
}

TEST_CASE("a passage that both strategies find beats one that only one finds", "[ranking]") {
  const std::array rankings{ranking{{1, 9.0}, {2, 8.0}}, ranking{{3, 0.9}, {2, 0.8}}};
  const auto fused = fuse_by_rank(rankings);
  REQUIRE(fused.size() == 3);
  CHECK(fused[0].id == 2);
  CHECK(fused[0].score == Approx(2.0 / 62));
  CHECK(fused[1] == ranked_passage{1, 1.0 / 61});
  CHECK(fused[2] == ranked_passage{3, 1.0 / 61});
}

TEST_CASE("one ranking is in its own order, an empty one has no result", "[ranking]") {
  const std::array rankings{ranking{{5, 1}, {4, 1}, {6, 1}}, ranking{}};
  const auto fused = fuse_by_rank(rankings);
  REQUIRE(fused.size() == 3);
  CHECK(fused[0].id == 5);
  CHECK(fused[2].id == 6);
  CHECK(fuse_by_rank(std::vector<ranking>{}).empty());
}
