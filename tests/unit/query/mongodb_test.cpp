// Of a MongoDB command the shape stays: a string is a field path only where an expression stands,
// and keys that are data are one key.

#include "identify_twice.hpp"

#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace querytap::testing {
namespace {

statement_identity identity_of_command(std::string_view command) {
  const statement_identity found = identify_twice(command, dialect::mongodb);
  CAPTURE(command, found.text);
  CHECK(found.text.find("zebra") == std::string::npos);
  return found;
}

std::string stage_text(const std::string& stage) {
  const std::string begin = R"({"aggregate": "c", "pipeline": [)";
  const std::string text = identity_of_command(begin + stage + "]}").text;
  return text.starts_with(begin) ? text.substr(begin.size(), text.size() - begin.size() - 2) : text;
}

std::string update_text(const std::string& update) {
  const std::string begin = R"({"update": "c", "updates": [{"q": {}, "u": )";
  const std::string text = identity_of_command(begin + update + "}]}").text;
  return text.starts_with(begin) ? text.substr(begin.size(), text.size() - begin.size() - 3) : text;
}

}  // namespace

TEST_CASE("a string with a dollar sign is hidden where a value stands") {
  constexpr std::string_view pairs[][2] = {
      {R"({"$match": {"a": "$zebra", "$or": [{"b": {"$in": ["$zebra"]}}]}})",
       R"({"$match": {"a": ?, "$or": [{"b": {"$in": [?]}}]}})"},
      {R"({"$geoNear": {"near": "$zebra", "key": "loc", "query": {"a": "$zebra"}}})",
       R"({"$geoNear": {"near": ?, "key": ?, "query": {"a": ?}}})"},
      {R"({"$vectorSearch": {"filter": {"$and": [{"a": "$zebra"}]}, "limit": 5}})",
       R"({"$vectorSearch": {"filter": {"$and": [{"a": ?}]}, "limit": ?}})"},
      {R"({"$search": {"text": {"query": "$zebra", "path": "x"}}})",
       R"({"$search": {"text": {"query": ?, "path": ?}}})"},
      {R"({"$searchMeta": {"facet": {"operator": {"query": "$zebra"}}}})",
       R"({"$searchMeta": {"facet": {"operator": {"query": ?}}}})"},
      {R"({"$documents": [{"a": "$zebra"}]})", R"({"$documents": [{"a": ?}]})"},
      {R"({"$changeStream": {"resumeAfter": {"_data": "$zebra"}}})",
       R"({"$changeStream": {"resumeAfter": {"_data": ?}}})"},
      {R"({"$unknown": {"a": "$zebra"}})", R"({"$unknown": {"a": ?}})"},
      {R"({"$addFields": {"a": {"$literal": "$zebra"}, "b": {"$const": ["$zebra"]}}})",
       R"({"$addFields": {"a": {"$literal": ?}, "b": {"$const": [?]}}})"},
      {R"({"$graphLookup": {"from": "d", "restrictSearchWithMatch": {"a": "$zebra"}}})",
       R"({"$graphLookup": {"from": "d", "restrictSearchWithMatch": {"a": ?}}})"},
      {R"({"$facet": {"a": [{"$match": {"b": "$zebra"}}]}})",
       R"({"$facet": {"a": [{"$match": {"b": ?}}]}})"},
      {R"({"$match": {"a": {"$expr": "$zebra"}}})", R"({"$match": {"a": {"$expr": ?}}})"},
  };
  for (const auto& [stage, text] : pairs) CHECK(stage_text(std::string{stage}) == text);
  for (const char* command :
       {R"({"find": "c", "filter": {"a": "$zebra"}, "projection": {"b": "$zebra"}})",
        R"({"find": "c", "filter": {}, "let": {"a": "$zebra"}})",
        R"({"insert": "c", "documents": [{"$expr": {"a": "$zebra"}, "b": ["$zebra"]}]})",
        R"({"insert": "c", "documents": [{"pipeline": [{"$set": {"a": "$zebra"}}]}]})",
        R"({"delete": "c", "deletes": [{"q": {"a": "$zebra"}, "limit": 1}]})",
        R"({"findAndModify": "c", "query": {"a": "$zebra"}, "update": {"$set": {"b": "$zebra"}}})",
        R"({"update": "c", "updates": [{"q": {}, "u": {"$set": {"a": "$zebra"}}}]})",
        R"({"bulkWrite": 1, "ops": [{"insert": 0, "document": {"a": "$zebra"}}]})",
        R"({"createIndexes": "c", "indexes": [{"partialFilterExpression": {"a": "$zebra"}}]})",
        R"({"explain": {"find": "c", "filter": {"a": "$zebra"}}})"}) {
    (void)identity_of_command(command);
  }
}

TEST_CASE("a field path stays where an expression stands") {
  for (const char* stage :
       {R"({"$match": {"$expr": {"$gt": ["$a", "$$b"]}}})", R"({"$match": {"$expr": "$a"}})",
        R"({"$match": {"$and": [{"$expr": {"$not": ["$a"]}}]}})",
        R"({"$group": {"_id": {"y": "$a"}, "n": {"$sum": "$b"}}})",
        R"({"$project": {"a": "$b", "c": {"$concat": ["$d", ?]}}})", R"({"$unwind": "$a"})",
        R"({"$sortByCount": "$a"})", R"({"$replaceWith": "$a"})",
        R"({"$replaceRoot": {"newRoot": "$a"}})",
        R"({"$setWindowFields": {"partitionBy": "$a", "sortBy": {"b": -1}}})",
        R"({"$lookup": {"from": "d", "let": {"x": "$a"}, "pipeline": [{"$set": {"b": "$$x"}}]}})",
        R"({"$graphLookup": {"from": "d", "startWith": "$a", "as": "e"}})",
        R"({"$merge": {"into": {"db": ?, "coll": "d"}, "whenMatched": [{"$set": {"a": "$b"}}]}})",
        R"({"$geoNear": {"query": {"$expr": {"$eq": ["$a", "$b"]}}}})"}) {
    CHECK(stage_text(stage) == stage);
  }
  CHECK(update_text(R"([{"$set": {"a": "$b"}}])") == R"([{"$set": {"a": "$b"}}])");
}

TEST_CASE("keys that are data are one key") {
  constexpr std::string_view pairs[][2] = {
      {R"({"$inc": {"items.17.qty": 1}})", R"({"$inc": {"items.?.qty": ?}})"},
      {R"({"$inc": {"items.17.qty": 1, "items.18.qty": 2}})", R"({"$inc": {"items.?.qty": ?}})"},
      {R"({"$set": {"a.1.b": 1, "a.1.c": 2, "a.2.b": 3, "d": 4, "a.2.c": 5}})",
       R"({"$set": {"a.?.b": ?, "a.?.c": ?, "d": ?}})"},
      {R"({"$set": {"a.507f1f77bcf86cd799439011": 1}})", R"({"$set": {"a.?": ?}})"},
      {R"({"$set": {"550e8400-e29b-41d4-a716-446655440000.b": 1}})", R"({"$set": {"?.b": ?}})"},
      {R"({"$inc": {"views.2024-01-31": 1, "views.2024-02-01": 1}})",
       R"({"$inc": {"views.?": ?}})"},
      {R"({"$inc": {"hits.2024-05-01T10": 1, "hits.20240501T11": 1, "hits.2024-W18": 1}})",
       R"({"$inc": {"hits.?": ?}})"},
      {R"({"$inc": {"n.order-4711": 1, "n.u4712": 2, "n.2024_q1": 3}})", R"({"$inc": {"n.?": ?}})"},
      {R"([{"$set": {"a": "$hits.2024-05-01T10"}}])", R"([{"$set": {"a": "$hits.?"}}])"},
      {R"({"17": {"a": 1}, "18": {"a": 2}, "19": {"b": 3}})", R"({?: {"a": ?}, ?: {"b": ?}})"},
      {R"({"ada@x.y": 1, "bob@x.y": 2})", R"({?: ?})"},
      {R"({"01ARZ3NDEKTSV4RRFFQ69G5FAV": 1, "d41d8cd98f00b204e9800998ecf8427e": 2})", R"({?: ?})"},
      {R"({"$set": {"a.$[].b": 1, "a.$[el].c": 2, "a.$.d": 3}})",
       R"({"$set": {"a.$[].b": ?, "a.$[el].c": ?, "a.$.d": ?}})"},
      {R"({"address1": 1, "sha256": 2, "line_2": 3, "$inc": 4})",
       R"({"address1": ?, "sha256": ?, "line_2": ?, "$inc": ?})"},
      {R"([{"$set": {"a": "$items.17.qty"}}])", R"([{"$set": {"a": "$items.?.qty"}}])"},
      {R"({'a.17': 1, b.18.c: 2})", R"({'a.?': ?, b.?.c: ?})"},
  };
  for (const auto& [update, text] : pairs) CHECK(update_text(std::string{update}) == text);
  CHECK(identity_of_command(R"({"find": "c", "filter": {}, "sort": {"a.17": -1}})").text ==
        R"({"find": "c", "filter": {}, "sort": {"a.?": -1}})");
  CHECK(identity_of_command(R"({"find": "log.2024", "filter": {}})").text ==
        R"({"find": "log.2024", "filter": {}})");
}

TEST_CASE("every command names its collections") {
  const auto summary_of = [](std::string_view command) {
    return identity_of_command(command).summary;
  };
  CHECK(summary_of(R"({"getMore": 17, "collection": "users"})") == "getMore users");
  CHECK(
      summary_of(R"({"getMore": {"$numberLong": "17"}, "batchSize": 5, "collection": "users"})") ==
      "getMore users");
  CHECK(identity_of_command(R"({"getMore": 17, "collection": "users"})").tables ==
        std::vector<std::string>{"users"});
  CHECK(summary_of(R"({"explain": {"find": "users", "filter": {}}, "verbosity": "x"})") ==
        "explain find users");
  CHECK(summary_of(R"({"killCursors": "users", "cursors": [1, 2]})") == "killCursors users");
  CHECK(summary_of(R"({"renameCollection": "d.a", "to": "d.b"})") == "renameCollection d.a d.b");
  CHECK(summary_of(R"({"create": "v", "viewOn": "users", "pipeline": []})") == "create v users");
  CHECK(summary_of(R"({"bulkWrite": 1, "ops": [], "nsInfo": [{"ns": "d.users"}]})") ==
        "bulkWrite d.users");
  CHECK(summary_of(R"({"aggregate": 1, "pipeline": [{"$currentOp": {}}]})") == "aggregate");
  CHECK(summary_of(R"({"find": "users", "filter": {"collection": "zebra"}})") == "find users");
  CHECK(summary_of(R"({"aggregate": "a", "pipeline": [{"$lookup": {"from": "b"}}]})") ==
        summary_of(R"({"aggregate": "a", "pipeline": [{"$lookup": {"from": "b"}},)"
                   R"( {"$lookup": {"from": "b"}}]})"));
}

}  // namespace querytap::testing
