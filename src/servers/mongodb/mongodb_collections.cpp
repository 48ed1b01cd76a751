#include "mongodb_collections.hpp"

#include "mongodb_instruments.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace querytap::detail {
namespace {

std::string quoted_for_json(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool is_database_of_server(std::string_view name) {
  return name == "admin" || name == "config" || name == "local";
}

}  // namespace

// More than the limit, so that it is known whether there are.
std::vector<std::pair<std::string, std::string>> mongodb_collections::names(
    mongodb_session& session, mongodb_session::deadline until) {
  std::vector<std::pair<std::string, std::string>> found;
  const mongodb_document databases =
      session.ask("admin", R"({"listDatabases": 1, "nameOnly": true})", until);
  for (const mongodb_document& database : databases.list("databases")) {
    const std::string name = database.text("name");
    if (is_database_of_server(name) || found.size() > limit_) continue;
    const mongodb_document collections =
        session.ask(name,
                    R"({"listCollections": 1, "nameOnly": true, "filter": {"type": "collection"}, )"
                    R"("cursor": {"batchSize": 10000}})",
                    until);
    for (const mongodb_document& each : collections.list("cursor.firstBatch")) {
      if (!each.text("name").starts_with("system.")) found.emplace_back(name, each.text("name"));
    }
  }
  return found;
}

mongodb_collections::collection mongodb_collections::sizes_of(mongodb_session& session,
                                                              const std::string& database,
                                                              const std::string& name,
                                                              mongodb_session::deadline until) {
  const std::string quoted = quoted_for_json(name);
  collection result{.database = database, .name = name, .sizes = {}, .indexes = {}};
  result.sizes = session.ask(database, fmt::format(R"({{"collStats": {}}})", quoted), until);
  const mongodb_document used = session.ask(
      database,
      fmt::format(R"({{"aggregate": {}, "pipeline": [{{"$indexStats": {{}}}}], "cursor": {{}}}})",
                  quoted),
      until);
  for (const mongodb_document& index : used.list("cursor.firstBatch")) {
    result.indexes.push_back({index.text("name"), index.number("accesses.ops").value_or(0)});
  }
  return result;
}

void mongodb_collections::read(mongodb_session& session, mongodb_session::deadline until) {
  lacking_.clear();
  collections_.clear();
  try {
    const auto all = names(session, until);
    for (const auto& [database, name] : all) {
      if (collections_.size() == limit_) break;
      collections_.push_back(sizes_of(session, database, name, until));
    }
    if (all.size() > limit_) {
      lacking_.push_back(
          {"mongodb.collections",
           fmt::format("collections past the limit of {} are not asked for: see most_collections",
                       limit_)});
    }
  } catch (const refused_by_mongodb& refusal) {
    lacking_.push_back(
        {"mongodb.collections", refusal.is_lack_of_right()
                                    ? "needs the roles readAnyDatabase and clusterMonitor"
                                    : refusal.what()});
  }
}

void mongodb_collections::add_to(collected& found) const {
  namespace metrics = catalog::mongodb;
  for (const collection& each : collections_) {
    const attributes labels{{"database", each.database}, {"collection", each.name}};
    found.add(metrics::object_count, each.sizes.number("count"), labels);
    found.add(metrics::data_size, each.sizes.number("size"), labels);
    found.add(metrics::storage_size, each.sizes.number("storageSize"), labels);
    found.add(metrics::index_count, each.sizes.number("nindexes"), labels);
    found.add(metrics::index_size, each.sizes.number("totalIndexSize"), labels);
    for (const index_use& index : each.indexes) {
      found.add(metrics::index_access, index.accesses,
                {{"database", each.database}, {"collection", each.name}, {"index", index.name}});
    }
  }
  for (const unavailable_part& part : lacking_) found.lacks(part.name, part.reason);
}

}  // namespace querytap::detail
