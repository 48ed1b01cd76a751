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
  return is_any_key(key, {"sort", "projection", "fields", "hint", "key", "keyPattern"});
}

mongodb_part mongodb_part_of_stage(std::string_view key) noexcept {
  if (key == "$match") return mongodb_part::filter;
  if (key == "$sort") return mongodb_part::directions;
  if (key == "$facet") return mongodb_part::facet;
  if (key == "$geoNear") return mongodb_part::near;
  if (is_any_key(key, {"$rankFusion", "$scoreFusion"})) return mongodb_part::fusion;
  if (is_any_key(key, {"$lookup", "$graphLookup", "$unionWith", "$merge", "$out"})) {
    return mongodb_part::join;
  }
  return is_mongodb_expression_stage(key) ? mongodb_part::expression : mongodb_part::values;
}

mongodb_part mongodb_part_of_command(mongodb_opening next) noexcept {
  if (next.key == "explain") return mongodb_part::command;
  if (next.key == "nsInfo") return mongodb_part::spaces;
  if (next.key == "indexes") return mongodb_part::indexes;
  if (next.key == "pipeline" || (next.key == "update" && next.is_array)) {
    return mongodb_part::pipeline;
  }
  if (is_any_key(next.key, {"updates", "deletes", "ops"})) return mongodb_part::writes;
  if (is_any_key(next.key, {"filter", "query", "arrayFilters", "validator"})) {
    return mongodb_part::filter;
  }
  return has_mongodb_directions(next.key) ? mongodb_part::directions : mongodb_part::values;
}

mongodb_part mongodb_part_of_write(mongodb_opening next) noexcept {
  if (is_any_key(next.key, {"u", "updateMods"}) && next.is_array) return mongodb_part::pipeline;
  if (is_any_key(next.key, {"q", "filter", "arrayFilters"})) return mongodb_part::filter;
  return has_mongodb_directions(next.key) ? mongodb_part::directions : mongodb_part::values;
}

mongodb_part mongodb_part_of_join(mongodb_opening next) noexcept {
  if (next.key == "pipeline" || (next.key == "whenMatched" && next.is_array)) {
    return mongodb_part::pipeline;
  }
  if (is_any_key(next.key, {"let", "startWith"})) return mongodb_part::expression;
  if (is_any_key(next.key, {"from", "into"})) return mongodb_part::join;
  return next.key == "restrictSearchWithMatch" ? mongodb_part::filter : mongodb_part::values;
}

mongodb_part mongodb_part_of_filter(std::string_view key) noexcept {
  if (key == "$expr") return mongodb_part::expression;
  const bool is_logical = is_any_key(key, {"$and", "$or", "$nor", "$not", "$elemMatch"});
  return is_logical ? mongodb_part::filter : mongodb_part::values;
}

mongodb_part mongodb_part_of_expression(std::string_view key) noexcept {
  if (is_any_key(key, {"$literal", "$const"})) return mongodb_part::values;
  return key == "sortBy" ? mongodb_part::directions : mongodb_part::expression;
}

}  // namespace

mongodb_part mongodb_part_of(mongodb_part outer, bool is_in_array, mongodb_opening next) noexcept {
  using enum mongodb_part;
  if (outer == pipeline) return stage;
  if (is_in_array) return outer;
  switch (outer) {
    case command: return mongodb_part_of_command(next);
    case writes: return mongodb_part_of_write(next);
    case stage: return mongodb_part_of_stage(next.key);
    case join: return mongodb_part_of_join(next);
    case filter: return mongodb_part_of_filter(next.key);
    case expression: return mongodb_part_of_expression(next.key);
    case facet: return pipeline;
    case near: return next.key == "query" ? filter : values;
    case fusion: return next.key == "input" ? fusion : next.key == "pipelines" ? facet : values;
    case indexes:
      if (next.key == "partialFilterExpression") return filter;
      return next.key == "key" ? directions : values;
    default: return values;
  }
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
  return is_any_key(command, {"find",
                              "aggregate",
                              "count",
                              "distinct",
                              "mapReduce",
                              "insert",
                              "update",
                              "delete",
                              "findAndModify",
                              "findandmodify",
                              "create",
                              "createIndexes",
                              "drop",
                              "dropIndexes",
                              "collMod",
                              "listIndexes",
                              "explain",
                              "killCursors",
                              "collStats",
                              "compact",
                              "convertToCapped",
                              "planCacheClear",
                              "reIndex",
                              "renameCollection",
                              "validate",
                              "createSearchIndexes",
                              "dropSearchIndex",
                              "updateSearchIndex"});
}

bool is_mongodb_collection_of(std::string_view command, std::string_view key) noexcept {
  return (command == "getMore" && key == "collection") ||
         (command == "create" && key == "viewOn") ||
         (command == "renameCollection" && key == "to") || (command == "mapReduce" && key == "out");
}

bool is_mongodb_expression_stage(std::string_view key) noexcept {
  return is_any_key(key, {"$addFields", "$bucket", "$bucketAuto", "$fill", "$group", "$project",
                          "$redact", "$replaceRoot", "$replaceWith", "$set", "$setWindowFields",
                          "$sortByCount", "$unset", "$unwind"});
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

bool is_mongodb_name(std::string_view text) noexcept {
  constexpr std::size_t longest = 120;
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_name_part(c) || is_char_of(c, "$.-"); });
}

}  // namespace querytap::detail
