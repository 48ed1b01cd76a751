// The shape that is read from a command's bytes is the statement that the command's text is, but for the
// documents that it stores, and for what drivers add.

#include "mongoc_handles.hpp"

#include <decorators/mongodb/command_shape.hpp>
#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace querytap::testing {
namespace {

using mongodb::detail::command_facts;
using mongodb::detail::command_shape;

std::string shape_of(std::string_view json) {
  const document_handle command = document(json);
  return identify(command_shape{bytes_of(command)}.text(), dialect::mongodb).text;
}

command_facts facts_in(const document_handle& command) {
  return command_shape{bytes_of(command)}.facts();
}

}  // namespace

TEST_CASE("the shape of a command is the statement that its text is") {
  for (
      const char* json :
      {R"({"find": "users", "filter": {"age": {"$gt": 17}, "name": "zebra"}, "limit": 5})",
       R"({"find": "users", "filter": {"$or": [{"a": 1}, {"b": {"$in": [1, 2, 3]}}]}})",
       R"({"find": "users", "filter": {}, "sort": {"a": 1, "b": -1}, "projection": {"c": 0}})",
       R"({"find": "users", "filter": {"$expr": {"$gt": ["$a", "$b"]}}, "hint": {"a": 1}})",
       R"({"find": "users", "filter": {"items.17.qty": {"$elemMatch": {"a": {"$exists": true}}}}})",
       R"({"find": "users", "filter": {"_id": {"$oid": "507f1f77bcf86cd799439011"}}})",
       R"({"aggregate": "a", "pipeline": [{"$match": {"from": "zebra", "b": "$zebra"}}, {"$group": {"_id": "$c", "n": {"$sum": 1}}}, {"$sort": {"n": -1}}, {"$limit": 5}], "cursor": {}})",
       R"({"aggregate": "a", "pipeline": [{"$lookup": {"from": "b", "localField": "c", "foreignField": "d", "as": "e"}}, {"$unwind": "$e"}], "cursor": {}})",
       R"({"aggregate": "a", "pipeline": [{"$set": {"x": {"$literal": "$zebra"}}}, {"$out": "b"}], "cursor": {}})",
       R"({"aggregate": 1, "pipeline": [{"$currentOp": {}}], "cursor": {}})",
       R"({"aggregate": "a", "pipeline": [{"$vectorSearch": {"index": "zebra", "path": "zebra", "queryVector": [0.1, 0.2], "limit": 5, "filter": {"a": "zebra"}}}], "cursor": {"batchSize": 5}})",
       R"({"update": "users", "updates": [{"q": {"a": 1}, "u": {"$set": {"b": 2}}}, {"q": {"a": 2}, "u": {"$set": {"b": 3}}}], "ordered": true})",
       R"({"update": "users", "updates": [{"q": {}, "u": [{"$set": {"b": "$a"}}], "multi": true}]})",
       R"({"delete": "users", "deletes": [{"q": {"a": "zebra"}, "limit": 1}]})",
       R"({"findAndModify": "users", "query": {"a": 1}, "update": {"$inc": {"n": 1}}, "sort": {"a": 1}})",
       R"({"distinct": "users", "key": "name", "query": {"a": 1}})",
       R"({"count": "users", "query": {"a": 1}})",
       R"({"ping": 1})",
       R"({"dropDatabase": 1})",
       R"({"create": "v", "viewOn": "users", "pipeline": []})",
       R"({"createIndexes": "users", "indexes": [{"key": {"a": 1, "b": -1}, "name": "zebra", "unique": true}]})",
       R"({"renameCollection": "d.a", "to": "d.b"})",
       R"({"explain": {"find": "users", "filter": {"a": "zebra"}}, "verbosity": "queryPlanner"})",
       R"({"killCursors": "users", "cursors": [17, 18]})",
       R"({"getMore": 17, "collection": "users", "batchSize": 5})",
       R"({"bulkWrite": 1, "ops": [{"update": 0, "filter": {"a": 1}, "updateMods": {"$set": {"a": 2}}}], "nsInfo": [{"ns": "chat.users"}]})"}) {
    CAPTURE(json);
    const std::string shape = shape_of(json);
    CHECK(shape == identify(json, dialect::mongodb).text);
    CHECK(shape.find("zebra") == std::string::npos);
    const document_handle command = document(json);
    CHECK(command_shape{bytes_of(command)}.text().find("\"zebra") == std::string_view::npos);
  }
}

TEST_CASE("what drivers add to a command is no part of its shape") {
  CHECK(shape_of(R"({"find": "users", "filter": {"a": 1}, "$db": "chat", "lsid": {"id": 1},)"
                 R"( "$clusterTime": {"a": 1}, "$readPreference": {"mode": "primary"}, "comment":)"
                 R"( "zebra", "maxTimeMS": 5, "txnNumber": 1, "autocommit": false,)"
                 R"( "startTransaction": true, "apiVersion": "1"})") ==
        R"({"find": "users", "filter": {"a": ?}})");
}

TEST_CASE("of documents that are stored neither values nor keys are shown") {
  CHECK(shape_of(R"({"insert": "users", "documents": [{"zebra": 1}, {"b": {"zebra": 2}}]})") ==
        R"({"insert": "users", "documents": [?]})");
  CHECK(shape_of(R"({"update": "users", "updates": [{"q": {"a": 1}, "u": {"zebra": 2}}]})") ==
        R"({"update": "users", "updates": [{"q": {"a": ?}, "u": ?}]})");
  CHECK(shape_of(R"({"findAndModify": "users", "query": {}, "update": {"zebra": 2}})") ==
        R"({"findAndModify": "users", "query": {}, "update": ?})");
}

TEST_CASE("commands with credentials show their name alone") {
  CHECK(shape_of(R"({"saslStart": 1, "mechanism": "zebra", "payload": "zebra"})") ==
        R"({"saslStart": ?})");
  CHECK(shape_of(R"({"createUser": "zebra", "pwd": "zebra"})") == R"({"createUser": ?})");
  CHECK(shape_of(R"({"authenticate": 1, "user": "zebra"})") == R"({"authenticate": ?})");
}

TEST_CASE("a command says what it is about") {
  const auto insert =
      document(R"({"insert": "users", "documents": [{}, {}], "txnNumber": 1, "lsid": {"id": 7},)"
               R"( "autocommit": false, "startTransaction": true})");
  CHECK(facts_in(insert).batch_size == 2);
  CHECK(facts_in(insert).has_transaction_number);
  CHECK(facts_in(insert).is_in_transaction);
  CHECK(facts_in(insert).begins_transaction);
  CHECK(mongodb::detail::session_of(bytes_of(insert)).size() == 4);
  const auto more = document(R"({"getMore": {"$numberLong": "17"}, "collection": "users"})");
  CHECK(facts_in(more).cursor == 17);
  const auto kill = document(R"({"killCursors": "users", "cursors": [{"$numberLong": "17"}]})");
  CHECK(facts_in(kill).cursor == 17);
  CHECK(facts_in(document(R"({"find": "log", "tailable": true})")).is_endless);
  CHECK(
      facts_in(document(R"({"aggregate": "a", "pipeline": [{"$changeStream": {}}]})")).is_endless);
  CHECK(facts_in(document(R"({"aggregate": "a", "pipeline": [{"$merge": {}}]})")).writes_result);
}

TEST_CASE("commands with equal values are known again, however they were sent") {
  const auto hash_of = [](std::string_view json) {
    const document_handle command = document(json);
    return mongodb::detail::hash_of_values(bytes_of(command));
  };
  constexpr auto find =
      R"({"find": "users", "filter": {"a": 1}, "lsid": {"id": 1}, "$db": "chat"})";
  CHECK(hash_of(find) ==
        hash_of(R"({"find": "users", "filter": {"a": 1}, "lsid": {"id": 2}, "txnNumber": 7})"));
  CHECK(hash_of(find) != hash_of(R"({"find": "users", "filter": {"a": 2}})"));
  CHECK(hash_of(R"({"insert": "users", "documents": [{"_id": 1}]})") !=
        hash_of(R"({"insert": "users", "documents": [{"_id": 2}]})"));
}

TEST_CASE("of stored documents no more than the begin is looked at") {
  const auto hash_of = [](char last) {
    const std::string body(300, 'a');
    const document_handle command = document(
        R"({"insert": "users", "documents": [{"_id": 1, "body": ")" + body + last + "\"}]}");
    return mongodb::detail::hash_of_values(bytes_of(command));
  };
  CHECK(hash_of('b') == hash_of('c'));
}

TEST_CASE("a command of any size has a bounded shape") {
  std::string deep = R"({"find": "users", "filter": )";
  for (int i = 0; i < 90; ++i) deep += R"({"a": )";
  deep += "1" + std::string(91, '}');
  CHECK(shape_of(deep).starts_with(R"({"find": "users", "filter": {"a": {"a": )"));

  std::string wide = R"({"find": "users", "filter": {)";
  for (int i = 0; i < 2000; ++i) wide += (i == 0 ? "\"k" : ", \"k") + std::to_string(i) + "\": 1";
  const document_handle command = document(wide + "}}");
  CHECK(command_shape{bytes_of(command)}.text().size() <= command_shape::longest);

  std::string list = R"({"find": "users", "filter": {"a": {"$in": [0)";
  for (int i = 1; i < 5000; ++i) list += ", " + std::to_string(i);
  CHECK(shape_of(list + "]}}}") == R"({"find": "users", "filter": {"a": {"$in": [?]}}})");
}

TEST_CASE("keys and names that could end a text are hidden") {
  CHECK(shape_of(R"({"find": "a\"b", "filter": {"x\"y": 1, "p\\q": 2}})") ==
        R"({"find": ?, "filter": {?: ?}})");
}

}  // namespace querytap::testing
