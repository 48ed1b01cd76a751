// A command that is read by comparing it with an earlier one is read like that one, and no other command is.

#include "mongoc_handles.hpp"

#include <decorators/mongodb/command_pattern.hpp>

#include <catch2/catch.hpp>

#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::testing {
namespace {

using mongodb::detail::command_pattern;
using mongodb::detail::command_shape;
using mongodb::detail::known_commands;

std::string bytes_in(std::string_view json) {
  const document_handle command = document(json);
  return std::string{bytes_of(command)};
}

bool equals(const mongodb::detail::command_facts& a, const mongodb::detail::command_facts& b) {
  return a.kind == b.kind && a.cursor == b.cursor && a.is_in_transaction == b.is_in_transaction &&
         a.begins_transaction == b.begins_transaction && a.writes_result == b.writes_result &&
         a.has_transaction_number == b.has_transaction_number && a.is_endless == b.is_endless;
}

/// Whether a command is known once another one has been seen; what is then said of it must be true.
bool is_known_after(std::string_view seen, std::string_view command) {
  const std::string first = bytes_in(seen);
  const std::string next = bytes_in(command);
  known_commands known;
  known.add(first, command_shape{first});
  std::uint64_t batch_size = 0;
  const command_pattern* const found = known.find(next, batch_size);
  if (found == nullptr) return false;
  const command_shape shape{next};
  CHECK(found->text() == shape.text());
  CHECK(batch_size == shape.facts().batch_size);
  CHECK(equals(found->facts(), shape.facts()));
  return true;
}

}  // namespace

TEST_CASE("commands that differ in values alone are known once one of them was seen") {
  for (
      const auto& [seen, next] : std::vector<std::pair<const char*, const char*>>{
          {R"({"find": "users", "filter": {"name": "ada", "age": {"$gt": 17}}, "$db": "chat"})",
           R"({"find": "users", "filter": {"name": "augusta", "age": {"$gt": 5}}, "$db": "chat"})"},
          {R"({"find": "users", "filter": {"a": {"$in": [1, 2]}}, "sort": {"a": -1}})",
           R"({"find": "users", "filter": {"a": {"$in": [7, "b", null]}}, "sort": {"a": -1}})"},
          {R"({"find": "users", "filter": {"_id": {"$oid": "507f1f77bcf86cd799439011"}}})",
           R"({"find": "users", "filter": {"_id": {"$oid": "507f1f77bcf86cd799439012"}}})"},
          {R"({"insert": "users", "documents": [{"a": 1}], "lsid": {"id": 1}, "txnNumber": 1})",
           R"({"insert": "users", "documents": [{}, {"b": "c"}], "lsid": {"id": 2}, "txnNumber": 2})"},
          {R"({"update": "users", "updates": [{"q": {"a": 1}, "u": {"$set": {"b": 2}}}]})",
           R"({"update": "users", "updates": [{"q": {"a": 2}, "u": {"$set": {"b": 3}}}]})"},
          {R"({"delete": "users", "deletes": [{"q": {"a": "x"}, "limit": 1}]})",
           R"({"delete": "users", "deletes": [{"q": {"a": "yz"}, "limit": 0}]})"},
          {R"({"aggregate": "a", "pipeline": [{"$match": {"b": "x"}}, {"$group": {"_id": "$c"}}]})",
           R"({"aggregate": "a", "pipeline": [{"$match": {"b": "y"}}, {"$group": {"_id": "$c"}}]})"},
          {R"({"aggregate": "a", "pipeline": [{"$vectorSearch": {"queryVector": [0.1, 0.2]}}]})",
           R"({"aggregate": "a", "pipeline": [{"$vectorSearch": {"queryVector": [0.3, 0.4]}}]})"},
          {R"({"ping": 1, "comment": "a", "$clusterTime": {"a": 1}})",
           R"({"ping": 1, "comment": "bc", "$clusterTime": {"a": 1, "b": 2}})"}}) {
    CAPTURE(seen, next);
    CHECK(is_known_after(seen, seen));
    CHECK(is_known_after(seen, next));
  }
}

TEST_CASE("a command of another shape is not taken for a known one") {
  for (const auto& [seen, next] : std::vector<std::pair<const char*, const char*>>{
           {R"({"find": "users", "filter": {"a": 1}})", R"({"find": "users", "filter": {"b": 1}})"},
           {R"({"find": "users", "filter": {"a": 1}})", R"({"find": "pages", "filter": {"a": 1}})"},
           {R"({"find": "users", "filter": {"a": 1}})",
            R"({"count": "users", "filter": {"a": 1}})"},
           {R"({"find": "users", "filter": {"a": 1}})",
            R"({"find": "users", "filter": {"a": 1}, "limit": 1})"},
           {R"({"find": "users", "filter": {"a": {"$in": [1, 2]}}})",
            R"({"find": "users", "filter": {"a": {"$in": [1, {"b": 2}]}}})"},
           {R"({"find": "users", "filter": {"a": {"$in": [1]}}})",
            R"({"find": "users", "filter": {"a": {"$in": []}}})"},
           {R"({"find": "users", "filter": {}, "sort": {"a": 1}})",
            R"({"find": "users", "filter": {}, "sort": {"a": -1}})"},
           {R"({"find": "users", "filter": {}, "sort": {"a": 5}})",
            R"({"find": "users", "filter": {}, "sort": {"a": 1}})"},
           {R"({"find": "users", "filter": {}, "tailable": true})",
            R"({"find": "users", "filter": {}, "tailable": false})"},
           {R"({"find": "users", "filter": {"$expr": "a"}})",
            R"({"find": "users", "filter": {"$expr": "$a"}})"},
           {R"({"aggregate": "a", "pipeline": [{"$project": {"b": "c"}}]})",
            R"({"aggregate": "a", "pipeline": [{"$project": {"b": "$c"}}]})"},
           {R"({"aggregate": "a", "pipeline": [{"$match": {}}]})",
            R"({"aggregate": "a", "pipeline": [{"$changeStream": {}}]})"},
           {R"({"update": "users", "updates": [{"q": {}, "u": {"b": 2}}]})",
            R"({"update": "users", "updates": [{"q": {}, "u": {"$set": {"b": 2}}}]})"},
           {R"({"insert": "users", "documents": [], "txnNumber": 1, "autocommit": false})",
            R"({"insert": "users", "documents": [], "txnNumber": 1, "autocommit": true})"}}) {
    CAPTURE(seen, next);
    CHECK_FALSE(is_known_after(seen, next));
    CHECK_FALSE(is_known_after(next, seen));
  }
}

TEST_CASE("commands whose shape or facts depend on a value are read anew each time") {
  for (
      const char* json :
      {R"({"getMore": {"$numberLong": "17"}, "collection": "users"})",
       R"({"killCursors": "users", "cursors": [{"$numberLong": "17"}]})",
       R"({"find": "users", "filter": {"a": {"$regularExpression": {"pattern": "a", "options": ""}}}})",
       R"({"find": "users", "tailable": 1})", R"({"find": "a\"b", "filter": {}})",
       R"({"aggregate": "a", "pipeline": [{"$project": {"b": {"$eq": ["$b", "c"]}}}]})",
       R"({"update": "users", "updates": [{"q": {}, "u": {"b": 2}}]})",
       R"({"delete": "users", "deletes": [{"q": {"a": 1}}, {"q": {"a": 2}}]})",
       R"({"saslStart": 1, "payload": "zebra"})", R"({})"}) {
    CAPTURE(json);
    CHECK_FALSE(is_known_after(json, json));
  }
}

// Whatever is changed in it: what a pattern says is what reading it anew says.
TEST_CASE("a command of any bytes is known for what it is, or not at all") {
  const std::string whole = bytes_in(
      R"({"find": "users", "filter": {"name": "ada", "tags": {"$in": ["a", "b"]}, "n": 1}, "sort":)"
      R"( {"a": 1}, "tailable": false, "lsid": {"id": 1}, "$db": "chat"})");
  known_commands known;
  known.add(whole, command_shape{whole});
  std::mt19937 random{7};
  int times_known = 0;
  for (int i = 0; i < 20'000; ++i) {
    const bool is_cut = i % 4 == 0;
    const std::size_t size = is_cut ? random() % whole.size() : whole.size();
    const auto bytes = std::make_unique<char[]>(size);
    whole.copy(bytes.get(), size);
    if (size != 0) bytes[random() % size] = static_cast<char>(random());
    const std::string_view command{bytes.get(), size};
    std::uint64_t batch_size = 0;
    const command_pattern* const found = known.find(command, batch_size);
    if (found == nullptr) continue;
    ++times_known;
    const command_shape shape{command};
    // The sizes of documents in a document are not compared with what is in them.
    if (!shape.gaps().empty()) CHECK(found->text() == shape.text());
  }
  CHECK(times_known > 100);
}

TEST_CASE("of more shapes of one command than there is room for, some are known") {
  known_commands known;
  int count_of_known = 0;
  const auto command_of = [](int number) {
    return bytes_in(R"({"find": "users", "filter": {"k)" + std::to_string(number) + R"(": 1}})");
  };
  for (int i = 0; i < 20; ++i) {
    const std::string command = command_of(i);
    known.add(command, command_shape{command});
  }
  for (int i = 0; i < 20; ++i) {
    std::uint64_t batch_size = 0;
    if (known.find(command_of(i), batch_size) != nullptr) ++count_of_known;
  }
  CHECK(count_of_known == 8);
}

}  // namespace querytap::testing
