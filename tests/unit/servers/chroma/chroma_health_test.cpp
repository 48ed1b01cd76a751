// A Chroma server is asked whether it answers, and whether what is in its collections is found. A damaged index is told
// while count() still answers.

#include <servers/chroma/remembered_vectors.hpp>
#include <support/chroma_server.hpp>
#include <support/fault_server.hpp>
#include <support/health_text.hpp>
#include <support/wait.hpp>

#include <querytap/base/error.hpp>
#include <querytap/decorators/chroma.hpp>
#include <querytap/servers/chroma/chroma_probe.hpp>
#include <querytap/servers/chroma/chroma_search_probe.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::became_true;
using querytap::testing::chroma_server;
using querytap::testing::fault;
using querytap::testing::fault_server;
using querytap::testing::free_port;
using querytap::testing::look_text;
using querytap::testing::measurement_of;
using querytap::testing::reply;

constexpr std::size_t dimensions = 16;
constexpr std::size_t records = 1200;  // from 1,000 on Chroma writes the index to a file

chroma::records random_records(std::size_t count, unsigned seed) {
  std::mt19937 random{seed};
  std::uniform_real_distribution<float> values{-1, 1};
  chroma::records made;
  for (std::size_t i = 0; i < count; ++i) {
    made.ids.push_back("document " + std::to_string(i));
    std::vector<float>& vector = made.embeddings.emplace_back();
    for (std::size_t k = 0; k < dimensions; ++k) vector.push_back(values(random));
  }
  return made;
}

/// A server of its own with one collection whose index is in a file.
struct indexed_server {
  indexed_server() {
    db.create_collection("documents").add(random_records(records, 1));
    REQUIRE(became_true([this] { return !index_file().empty(); }));
  }

  /// With all vectors and the links of the lowest level; empty until it is there.
  [[nodiscard]] std::filesystem::path index_file() const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator{server.data()}) {
      if (entry.path().filename() == "data_level0.bin" && entry.file_size() > 0)
        return entry.path();
    }
    return {};
  }

  /// Each of its elements: the number of links, room for 32 of them, the vector, the label.
  void damage_each_element(const std::function<void(char* element)>& damage) const {
    constexpr std::size_t size = 4 + 32 * 4 + dimensions * 4 + 8;
    std::fstream file{index_file(), std::ios::in | std::ios::out | std::ios::binary};
    std::string elements(records * size, '\0');
    file.read(elements.data(), static_cast<std::streamsize>(elements.size()));
    for (std::size_t i = 0; i < records; ++i) damage(&elements[i * size]);
    file.seekp(0);
    file.write(elements.data(), static_cast<std::streamsize>(elements.size()));
  }

  [[nodiscard]] std::uint64_t count() { return db.get_collection("documents").count(); }

  chroma_server server;
  capture telemetry;
  chroma::client db{telemetry.recorder(), server.url()};
};

constexpr const char* all_found = "search_documents pass\nsearch_time pass\n";

}  // namespace

TEST_CASE("a server that answers and is ready is well", "[chroma-health]") {
  chroma_probe probe{{.url = chroma_server::shared().url()}};
  CHECK(look_text(probe, 5s) == "heartbeat pass\nresponse_time pass\nready pass\n");
}

TEST_CASE("a vector is written, found and deleted in a collection of its own", "[chroma-health]") {
  capture telemetry;
  chroma::client db{telemetry.recorder(), chroma_server::shared().url()};
  chroma_search_probe probe{{.url = chroma_server::shared().url()}};
  CHECK(look_text(probe, 5s) == "search_querytap_health pass\nsearch_time pass\n");
  CHECK(look_text(probe, 5s) == "search_querytap_health pass\nsearch_time pass\n");
  CHECK(db.get_collection("querytap_health").count() == 0);
  // What a look left behind that never ended is deleted by the next process.
  db.get_collection("querytap_health")
      .add({.ids = {"probe-old"},
            .embeddings = {std::vector<float>(8, 1.0F)},
            .metadatas = {R"({"written": 1000})"}});
  chroma_search_probe next{{.url = chroma_server::shared().url()}};
  CHECK(look_text(next, 5s) == "search_querytap_health pass\nsearch_time pass\n");
  CHECK(db.get_collection("querytap_health").count() == 0);
}

TEST_CASE("what is asked of existing collections", "[chroma-health]") {
  capture telemetry;
  chroma::client db{telemetry.recorder(), chroma_server::shared().url()};
  const auto look_at = [&](const std::string& name) {
    chroma_search_probe probe{
        {.url = chroma_server::shared().url(), .own_collection = "", .collections = {name}}};
    return look_text(probe, 5s);
  };
  CHECK(look_at("nothing_here") ==
        "search_nothing_here fail: there is no collection nothing_here\nsearch_time pass\n");
  static_cast<void>(db.create_collection("empty_one"));
  CHECK(look_at("empty_one") == "search_empty_one pass\nsearch_time pass\n");
  for (const char* space : {"l2", "cosine", "ip"}) {
    const std::string name = std::string{"spaces_"} + space;
    db.create_collection(name, {.space = space}).add(random_records(50, 2));
    CHECK(look_at(name) == "search_" + name + " pass\nsearch_time pass\n");
  }
  // The same vector twice: either of them is the nearest.
  chroma::collection twins = db.create_collection("twins");
  twins.add({.ids = {"a", "b", "zero"}, .embeddings = {{1, 2}, {1, 2}, {0, 0}}});
  CHECK(look_at("twins") == "search_twins pass\nsearch_time pass\n");
}

TEST_CASE("what the application deletes, changes and makes anew is no fault", "[chroma-health]") {
  capture telemetry;
  chroma::client db{telemetry.recorder(), chroma_server::shared().url()};
  chroma::collection pages = db.create_collection("changing");
  const chroma::records first = random_records(40, 3);
  pages.add(first);
  chroma_search_probe probe{
      {.url = chroma_server::shared().url(), .own_collection = "", .collections = {"changing"}}};
  const std::string well = "search_changing pass\nsearch_time pass\n";
  CHECK(look_text(probe, 5s) == well);
  const std::vector<std::string> half(first.ids.begin(), first.ids.begin() + 20);
  pages.remove({.ids = half});
  CHECK(look_text(probe, 5s) == well);
  // All of them embedded anew cannot be told from damage: a warning, once.
  chroma::records anew = random_records(40, 4);
  pages.upsert(anew);
  CHECK_THAT(look_text(probe, 5s),
             Catch::Contains("search_changing warn: all ") &&
                 Catch::Contains("that are watched have other values than before"));
  CHECK(look_text(probe, 5s) == well);
  db.delete_collection("changing");
  CHECK_THAT(look_text(probe, 5s), Catch::Contains("there is no collection changing"));
  db.create_collection("changing").add(random_records(40, 5));
  CHECK(look_text(probe, 5s) == well);
}

TEST_CASE("an index file that is damaged is told once it is loaded, while count() answers",
          "[chroma-health]") {
  indexed_server chroma;
  chroma_search_probe probe{
      {.url = chroma.server.url(), .own_collection = "", .collections = {"documents"}}};
  chroma_probe answers{{.url = chroma.server.url()}};
  CHECK(look_text(probe, 10s) == all_found);

  SECTION("filled with zeros") {
    chroma.damage_each_element([](char* element) { std::fill_n(element, 204, '\0'); });
    // The index is in the server's memory as well, and goes on being used.
    CHECK(look_text(probe, 10s) == all_found);
    chroma.server.restart();
    CHECK(chroma.count() == records);
    CHECK(look_text(answers, 10s) == "heartbeat pass\nresponse_time pass\nready pass\n");
    const std::string text = look_text(probe, 10s);
    CHECK_THAT(text, Catch::StartsWith("search_documents fail: ") &&
                         Catch::Contains("while count() says 1200 records"));
    // Also to one that has nothing to remember.
    chroma_search_probe fresh{
        {.url = chroma.server.url(), .own_collection = "", .collections = {"documents"}}};
    CHECK_THAT(look_text(fresh, 10s), Catch::StartsWith("search_documents fail: "));
  }
  SECTION("without its links") {
    chroma.damage_each_element([](char* element) { std::fill_n(element, 4, '\0'); });
    chroma.server.restart();
    CHECK(chroma.count() == records);
    CHECK_THAT(
        look_text(probe, 10s),
        Catch::Contains("stored vectors of documents are not their own nearest neighbours") &&
            Catch::Contains("while count() says 1200 records"));
    chroma_search_probe fresh{
        {.url = chroma.server.url(), .own_collection = "", .collections = {"documents"}}};
    CHECK_THAT(look_text(fresh, 10s), Catch::StartsWith("search_documents fail: "));
  }
  SECTION("with other vectors") {
    chroma.damage_each_element([](char* element) { std::fill_n(element + 4 + 128, 64, '\x3f'); });
    chroma.server.restart();
    CHECK(chroma.count() == records);
    CHECK_THAT(look_text(probe, 10s), Catch::StartsWith("search_documents warn: ") &&
                                          Catch::Contains("have other values than before"));
  }
  SECTION("deleted with its folder") {
    std::filesystem::remove_all(chroma.index_file().parent_path());
    chroma.server.restart();
    CHECK(chroma.count() == records);
    CHECK_THAT(look_text(probe, 10s), Catch::StartsWith("search_documents fail: "));
  }
}

TEST_CASE("a server that is stopped, or stands still, is told by the deadline", "[chroma-health]") {
  chroma_server server;
  chroma_probe answers{{.url = server.url()}};
  chroma_search_probe searches{{.url = server.url()}};
  server.pause();
  const auto start = std::chrono::steady_clock::now();
  CHECK(look_text(answers, 100ms) == "error: there was no answer in time");
  CHECK(look_text(searches, 100ms) == "error: there was no answer in time");
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  server.resume();
  CHECK_THAT(look_text(answers, 10s), Catch::Contains("ready pass"));
  server.stop();
  CHECK(look_text(answers, 5s) == "error: there is no connection: nothing listens there");
  server.restart();
  CHECK_THAT(look_text(searches, 10s), Catch::Contains("search_querytap_health pass"));
}

TEST_CASE("what is not Chroma, or refuses, has its reason", "[chroma-health]") {
  const auto heartbeat = [](fault answer) {
    const fault_server server{{std::move(answer)}};
    chroma_probe probe{{.url = server.url(), .token = "secret"}};
    return look_text(probe, 5s);
  };
  for (const char* body :
       {"", "<html>", "[]", "{}", "null", R"({"nanosecond heartbeat":"soon"})"}) {
    CHECK(heartbeat(reply(200, "", body)) ==
          "error: what answers is not Chroma, or a version that is not known");
  }
  CHECK(heartbeat(reply(401, "", "secret")) ==
        "heartbeat fail: heartbeat is answered with status 401\n");
  const fault_server not_ready{{reply(200, "", R"({"nanosecond heartbeat":1})"), reply(503)}};
  chroma_probe probe{{.url = not_ready.url()}};
  CHECK_THAT(look_text(probe, 5s),
             Catch::Contains("ready fail: the server says with status 503 that it is not ready"));
  const fault_server old{{reply(200, "", R"({"nanosecond heartbeat":1})"), reply(404)}};
  chroma_probe of_old{{.url = old.url()}};
  CHECK(look_text(of_old, 5s) == "heartbeat pass\nresponse_time pass\n");
  CHECK_THROWS_AS(chroma_probe({.url = "127.0.0.1:8000"}), configuration_error);
  CHECK_THROWS_AS(chroma_search_probe({.tenant = ".."}), configuration_error);
}

TEST_CASE("hostile answers to a search are no finding of a neighbour", "[chroma-health]") {
  const std::string made = R"({"id":"1","name":"querytap_health"})";
  for (const char* body :
       {"{}", R"({"ids":[[]],"distances":[[]]})", R"({"ids":[["a"]],"distances":[[null]]})",
        R"({"ids":[["a"]],"distances":[["0"]]})", R"({"ids":"a"})", R"([[["a"]]])"}) {
    const fault_server server{{reply(200, "", made), reply(200, "", "{}"), reply(200, "", "{}"),
                               reply(200, "", body), reply(200, "", "{}")}};
    chroma_search_probe probe{{.url = server.url()}};
    CHECK_THAT(look_text(probe, 5s),
               Catch::StartsWith("search_querytap_health fail: a vector that was just written is "
                                 "not its own nearest neighbour"));
  }
}

TEST_CASE("distances are compared as far as 32-bit numbers can tell", "[chroma-health]") {
  using querytap::detail::is_same_vector;
  CHECK(is_same_vector(0, {1, 2}, "l2"));
  CHECK(is_same_vector(1e-6, {1, 2}, "l2"));
  CHECK(is_same_vector(1e-3, {1000, 0}, "l2"));
  CHECK(is_same_vector(-1e-7, {1000, 0}, "cosine"));
  CHECK_FALSE(is_same_vector(1e-3, {1000, 0}, "cosine"));
  CHECK_FALSE(is_same_vector(0.01, {1, 2}, "l2"));
}
