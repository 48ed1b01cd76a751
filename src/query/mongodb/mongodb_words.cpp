#include "mongodb_words.hpp"

#include "../text/characters.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

namespace querytap::detail {
namespace {

bool is_any_key(std::string_view word, std::initializer_list<std::string_view> keys) noexcept {
  return std::find(keys.begin(), keys.end(), word) != keys.end();
}

bool has_mongodb_directions(std::string_view key) noexcept {
  return is_any_key(key, {"sort", "$sort", "sortBy", "projection", "hint", "key"});
}

mongodb_part mongodb_part_of_stage(std::string_view key) noexcept {
  if (key == "$match" || key == "$documents") return mongodb_part::values;
  if (key == "$facet") return mongodb_part::facet;
  if (is_any_key(key, {"$lookup", "$graphLookup", "$unionWith", "$merge", "$out"})) {
    return mongodb_part::join;
  }
  return has_mongodb_directions(key) ? mongodb_part::directions : mongodb_part::expression;
}

}  // namespace

mongodb_part mongodb_part_of(mongodb_part outer, bool is_in_array, std::string_view key) noexcept {
  if (outer == mongodb_part::pipeline) return mongodb_part::stage;
  if (is_in_array) return outer;
  switch (outer) {
    case mongodb_part::stage: return mongodb_part_of_stage(key);
    case mongodb_part::facet: return mongodb_part::pipeline;
    case mongodb_part::directions: return mongodb_part::values;
    case mongodb_part::command:
    case mongodb_part::join:
      if (key == "pipeline") return mongodb_part::pipeline;
      if (outer == mongodb_part::join && key == "let") return mongodb_part::expression;
      break;
    case mongodb_part::expression:
      return key == "$literal" ? mongodb_part::values : mongodb_part::expression;
    default:
      if (key == "$expr") return mongodb_part::expression;
  }
  return has_mongodb_directions(key) ? mongodb_part::directions : mongodb_part::values;
}

statement_kind kind_of_mongodb_command(std::string_view name) noexcept {
  if (is_any_key(name, {"find", "aggregate", "count", "distinct", "getMore", "listCollections",
                        "listDatabases", "listIndexes", "mapReduce"})) {
    return statement_kind::read;
  }
  if (is_any_key(name,
                 {"insert", "update", "delete", "findAndModify", "findandmodify", "bulkWrite"})) {
    return statement_kind::write;
  }
  if (is_any_key(name, {"create", "createIndexes", "drop", "dropDatabase", "dropIndexes", "collMod",
                        "renameCollection"})) {
    return statement_kind::definition;
  }
  if (is_any_key(name, {"commitTransaction", "abortTransaction"}))
    return statement_kind::transaction;
  return statement_kind::other;
}

bool names_mongodb_collection(std::string_view command) noexcept {
  return is_any_key(
      command, {"find", "aggregate", "count", "distinct", "mapReduce", "insert", "update", "delete",
                "findAndModify", "findandmodify", "create", "createIndexes", "drop", "dropIndexes",
                "collMod", "listIndexes", "explain"});
}

bool is_mongodb_collection_key(std::string_view key) noexcept {
  return is_any_key(key, {"from", "into", "coll"});
}

bool is_mongodb_join_field(std::string_view key) noexcept {
  return is_any_key(key, {"as", "localField", "foreignField", "connectFromField", "connectToField",
                          "startWith", "on"});
}

bool is_mongodb_envelope(std::string_view key) noexcept {
  return is_any_key(key, {"$clusterTime", "apiDeprecationErrors", "apiStrict", "apiVersion",
                          "autocommit", "comment", "lsid", "startTransaction", "txnNumber"});
}

bool is_mongodb_wrapper(std::string_view key) noexcept {
  return is_any_key(key, {"$oid", "$date", "$numberInt", "$numberLong", "$numberDouble",
                          "$numberDecimal", "$binary", "$uuid", "$timestamp", "$regularExpression",
                          "$regex", "$symbol", "$code", "$minKey", "$maxKey", "$undefined"});
}

bool is_mongodb_field(std::string_view text) noexcept {
  constexpr std::size_t longest = 120;
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_name_part(c) || is_char_of(c, "$.-"); });
}

}  // namespace querytap::detail
