// Documents are read by their bytes, whatever these are: what does not fit ends the reading, and no byte outside
// is looked at.

#include "mongoc_handles.hpp"

#include <decorators/mongodb/bson_elements.hpp>
#include <decorators/mongodb/reply.hpp>

#include <catch2/catch.hpp>

#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace querytap::testing {
namespace {

using mongodb::detail::bson_elements;
using mongodb::detail::bson_type;
using mongodb::detail::command_kind;
using mongodb::detail::count_elements;
using mongodb::detail::find_element;
using mongodb::detail::kind_of;
using mongodb::detail::read_reply;
using mongodb::detail::reply_facts;

std::string keys_of(std::string_view bytes) {
  std::string keys;
  for (bson_elements each{bytes}; each.next();) {
    keys += (keys.empty() ? "" : " ") + std::string{each.current().key};
  }
  return keys;
}

reply_facts facts_of(std::string_view json, std::string_view command = "find") {
  const document_handle reply = document(json);
  return read_reply(bytes_of(reply), kind_of(command));
}

/// From a block of exactly that size, so that a sanitizer sees each read beyond it.
void read_everything(std::string_view bytes) {
  const auto exact = std::make_unique<char[]>(bytes.size());
  bytes.copy(exact.get(), bytes.size());
  const std::string_view document{exact.get(), bytes.size()};
  for (bson_elements each{document}; each.next();) {
    static_cast<void>(each.current().integer());
    static_cast<void>(each.current().text());
    static_cast<void>(each.current().is_true());
    static_cast<void>(count_elements(each.current().value));
  }
  static_cast<void>(read_reply(document, command_kind::distinct));
}

const char* const every_type =
    R"({"a": {"$numberDouble": "1.5"}, "b": "text", "c": {"d": 1}, "e": [1, 2], "f":)"
    R"( {"$binary": {"base64": "AAEC", "subType": "00"}}, "g": {"$undefined": true}, "h":)"
    R"( {"$oid": "507f1f77bcf86cd799439011"}, "i": true, "j": {"$date": {"$numberLong": "1"}},)"
    R"( "k": null, "l": {"$regularExpression": {"pattern": "a", "options": "i"}}, "m":)"
    R"( {"$code": "f"}, "n": {"$symbol": "s"}, "o": {"$code": "g", "$scope": {"p": 1}}, "q":)"
    R"( {"$numberInt": "7"}, "r": {"$timestamp": {"t": 1, "i": 2}}, "s": {"$numberLong": "8"},)"
    R"( "t": {"$numberDecimal": "1"}, "u": {"$minKey": 1}, "v": {"$maxKey": 1}})";

}  // namespace

TEST_CASE("members of every type are gone through") {
  const document_handle all = document(every_type);
  CHECK(keys_of(bytes_of(all)) == "a b c e f g h i j k l m n o q r s t u v");
  bson_elements each{bytes_of(all)};
  while (each.next()) {
  }
  CHECK(each.is_whole());
  CHECK(find_element(bytes_of(all), "b").text() == "text");
  CHECK(find_element(bytes_of(all), "q").integer() == 7);
  CHECK(find_element(bytes_of(all), "s").integer() == 8);
  CHECK(find_element(bytes_of(all), "a").integer() == 1);
  CHECK(find_element(bytes_of(all), "i").is_true());
  CHECK(find_element(bytes_of(all), "missing").is(bson_type::null));
  CHECK(count_elements(find_element(bytes_of(all), "e").value) == 2);
}

TEST_CASE("a document that is cut anywhere is read up to there") {
  const document_handle all = document(every_type);
  const std::string_view bytes = bytes_of(all);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    read_everything(bytes.substr(0, size));
    CHECK(std::string{"a b c e f g h i j k l m n o q r s t u v"}.starts_with(
        keys_of(bytes.substr(0, size))));
  }
}

TEST_CASE("sizes that are not true lead nowhere") {
  const document_handle all = document(every_type);
  const std::string whole{bytes_of(all)};
  for (std::size_t at = 0; at + 4 <= whole.size(); ++at) {
    for (const std::int32_t lie :
         {-1, 0, 1, 4, 0x7FFFFFFF, static_cast<std::int32_t>(0x80000000)}) {
      std::string bytes = whole;
      std::memcpy(bytes.data() + at, &lie, sizeof lie);
      read_everything(bytes);
    }
  }
  std::mt19937 random{7};
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = whole;
    for (int changes = 0; changes < 3; ++changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    read_everything(bytes);
  }
}

TEST_CASE("a reply says how many documents there are, and what failed") {
  const auto found = facts_of(R"({"cursor": {"id": 17, "firstBatch": [{}, {}, {}]}, "ok": 1})");
  CHECK(found.cursor == 17);
  CHECK(found.rows == 3);
  CHECK(found.code == 0);
  CHECK(facts_of(R"({"cursor": {"id": 0, "nextBatch": []}, "ok": 1})").rows == 0);
  CHECK(facts_of(R"({"values": [1, 2], "ok": 1})", "distinct").rows == 2);
  CHECK_FALSE(facts_of(R"({"values": [1, 2], "ok": 1})", "custom").rows);
  CHECK(facts_of(R"({"n": 5, "ok": 1})", "insert").affected == 5);
  CHECK_FALSE(facts_of(R"({"n": 5, "ok": 1})", "count").affected);
  CHECK(facts_of(R"({"n": 0, "writeErrors": [{"index": 0, "code": 11000}], "ok": 1})").code ==
        11000);
  CHECK(facts_of(R"({"writeConcernError": {"code": 64}, "ok": 1})").code == 64);
  CHECK(facts_of(R"({"writeErrors": [{"code": 11000}], "writeConcernError": {"code": 64}})").code ==
        11000);
  const auto spared = facts_of(
      R"({"ok": 0, "code": 462, "errorLabels": ["SystemOverloadedError", "RetryableError"]})");
  CHECK(spared.code == 462);
  CHECK(spared.labels.is_overload);
  CHECK(spared.labels.is_retryable);
  CHECK_FALSE(spared.labels.is_transient);
}

TEST_CASE("a reply like most others is read as any reply is") {
  const auto check = [](std::string_view bytes) {
    for (const command_kind kind : {command_kind::read, command_kind::count}) {
      const reply_facts common = read_reply(bytes, kind);
      const reply_facts any = mongodb::detail::read_any_reply(bytes, kind);
      const bool is_equal = common.cursor == any.cursor && common.rows == any.rows &&
                            common.affected == any.affected && common.code == any.code;
      if (!is_equal) CHECK(is_equal);
    }
  };
  std::mt19937 random{7};
  for (
      const char* json :
      {R"({"cursor": {"id": {"$numberLong": "17"}, "ns": "a.b", "firstBatch": [{}, {"a": 1}]},)"
       R"( "ok": 1.0, "$clusterTime": {"a": 1}, "operationTime": {"$timestamp": {"t": 1, "i": 2}}})",
       R"({"cursor": {"nextBatch": [], "id": {"$numberLong": "0"}, "ns": "a.b"}, "ok": 1.0})",
       R"({"n": 5, "electionId": {"$oid": "507f1f77bcf86cd799439011"}, "opTime": {"t": 1},)"
       R"( "nModified": 2, "ok": 1.0})",
       R"({"n": -5, "ok": 1.0})", R"({"n": 1, "ok": 0.0, "code": 7})", R"({"ok": 1.0})",
       R"({"cursor": {"id": {"$numberLong": "17"}}, "ok": 1})",
       R"({"n": 1, "writeErrors": [{"code": 11000}], "ok": 1.0})"}) {
    CAPTURE(json);
    const document_handle reply = document(json);
    const std::string whole{bytes_of(reply)};
    check(whole);
    for (std::size_t size = 0; size < whole.size(); ++size) check(whole.substr(0, size));
    for (int i = 0; i < 5'000; ++i) {
      std::string bytes = whole;
      bytes[random() % bytes.size()] = static_cast<char>(random());
      check(bytes);
    }
  }
}

TEST_CASE("a code in the reply of a command that succeeded is no failure") {
  CHECK(facts_of(R"({"code": 7, "ok": 1})", "custom").code == 0);
  CHECK(facts_of(R"({"ok": {"$numberDouble": "1.0"}, "code": 7})", "custom").code == 0);
  CHECK(facts_of(R"({"code": 7, "ok": 0})", "custom").code == 7);
  CHECK(facts_of(R"({"code": 7})", "custom").code == 7);
  CHECK(facts_of(R"({"code": 7, "writeErrors": [{"code": 11000}], "ok": 1})").code == 11000);
}

TEST_CASE("a reply of wrong types says nothing") {
  for (const char* json :
       {R"({"cursor": 7, "ok": 1})", R"({"cursor": {"id": "x", "firstBatch": 7}})",
        R"({"code": "11000"})", R"({"writeErrors": {"code": 1}})", R"({"writeErrors": []})",
        R"({"writeErrors": [7]})", R"({"writeConcernError": []})", R"({"errorLabels": "x"})"}) {
    CAPTURE(json);
    const reply_facts facts = facts_of(json);
    CHECK(facts.code == 0);
    CHECK(facts.cursor == 0);
    CHECK(facts.rows.value_or(0) == 0);
  }
}

}  // namespace querytap::testing
