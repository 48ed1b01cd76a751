// An entry of $queryStats becomes the statement that the application sent, as far as its documentation tells.

#include <querytap/query/identify.hpp>
#include <servers/mongodb/mongodb_shapes.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using detail::command_of_shape;
using detail::mongodb_document;
using detail::statements_of_shapes;

namespace {

std::uint64_t fingerprint_of(std::string_view command) {
  return identify(command, dialect::mongodb).fingerprint;
}

mongodb_document entry_of(const char* database, const char* filter, int calls, int microseconds) {
  return mongodb_document::of_json(
      R"({"key": {"queryShape": {"cmdNs": {"db": ")" + std::string{database} +
      R"(", "coll": "users"}, "command": "find", "filter": )" + filter +
      R"(}}, "metrics": {"execCount": )" + std::to_string(calls) +
      R"(, "totalExecMicros": {"sum": )" + std::to_string(microseconds) +
      R"(}, "docsReturned": {"sum": 3}, "docsExamined": {"sum": 30}}})");
}

}  // namespace

TEST_CASE("a shape has the identity of the application's command") {
  CHECK(
      fingerprint_of(command_of_shape(
          R"({"cmdNs": {"db": "chat", "coll": "users"}, "command": "find", "filter": {"name": {"$eq": "?string"}}})")) ==
      fingerprint_of(R"({"find": "users", "filter": {"name": "ada"}})"));
  CHECK(
      fingerprint_of(command_of_shape(
          R"({"cmdNs": {"db": "chat", "coll": "users"}, "command": "find", "filter": {"age": {"$gt": "?number"}}, "sort": {"age": -1}})")) ==
      fingerprint_of(R"({"find": "users", "filter": {"age": {"$gt": 5}}, "sort": {"age": -1}})"));
  CHECK(
      fingerprint_of(command_of_shape(
          R"({"cmdNs": {"db": "chat", "coll": "users"}, "command": "aggregate", "pipeline": [{"$match": {"age": {"$eq": "?number"}}}]})")) ==
      fingerprint_of(
          R"({"aggregate": "users", "pipeline": [{"$match": {"age": 5}}], "cursor": {}})"));
}

TEST_CASE("what is no shape is left out") {
  for (const char* const odd : {"", "{", "[]", "{}", R"({"command": 5})"}) {
    CHECK(command_of_shape(odd).empty());
  }
  std::vector<mongodb_document> entries;
  entries.push_back(mongodb_document::of_json(R"({"key": 5})"));
  CHECK(statements_of_shapes(entries, 10).empty());
}

TEST_CASE("entries of one shape are added up, by database, those first that took longest") {
  std::vector<mongodb_document> entries;
  entries.push_back(entry_of("chat", R"({"a": {"$eq": "?number"}})", 1, 10));
  entries.push_back(entry_of("chat", R"({"a": {"$eq": "?string"}})", 2, 20));
  entries.push_back(entry_of("park", R"({"a": {"$eq": "?string"}})", 5, 100));
  const auto statements = statements_of_shapes(entries, 10);
  REQUIRE(statements.size() == 2);
  CHECK(statements[0].database == "park");
  CHECK(statements[1].calls == 3);
  CHECK(statements[1].time == 30us);
  CHECK(statements[1].rows == 6U);
  CHECK(statements[1].examined == 60U);
  CHECK(statements_of_shapes(entries, 1).size() == 1);
}
