#include "chroma_session.hpp"

#include "../../decorators/http/url_text.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace querytap::detail {
namespace {

constexpr const char* no_chroma = "what answers is not Chroma, or a version that is not known";

/// A member of an object; null where it is not there.
const nlohmann::json& member_of(const nlohmann::json& object, const char* name) {
  static const nlohmann::json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

std::string text_in(const nlohmann::json& object, const char* name) {
  const nlohmann::json& value = member_of(object, name);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

const nlohmann::json& settings_in(const nlohmann::json& collection) {
  static const nlohmann::json none = nlohmann::json::object();
  const nlohmann::json& configuration = member_of(collection, "configuration_json");
  for (const char* const index : {"hnsw", "spann"}) {
    if (const nlohmann::json& settings = member_of(configuration, index); settings.is_object())
      return settings;
  }
  return none;
}

chroma_collection collection_in(const nlohmann::json& body) {
  chroma_collection found{.id = text_in(body, "id"), .name = text_in(body, "name")};
  if (found.id.empty()) throw probe_error{no_chroma};
  found.settings = settings_in(body);
  found.space = text_in(found.settings, "space");
  const nlohmann::json& dimension = member_of(body, "dimension");
  if (dimension.is_number_integer()) found.dimension = dimension.get<std::int64_t>();
  return found;
}

/// The first of a list; null where there is none.
const nlohmann::json& first_of(const nlohmann::json& list) {
  static const nlohmann::json none;
  return list.is_array() && !list.empty() ? list[0] : none;
}

/// Chroma writes null for what is no finite number.
std::vector<float> vector_in(const nlohmann::json& list) {
  std::vector<float> values;
  if (!list.is_array()) return values;
  for (const nlohmann::json& value : list)
    values.push_back(value.is_number() ? value.get<float>() : 0.0F);
  return values;
}

std::int64_t number_in(const nlohmann::json& body) {
  if (!body.is_number()) throw probe_error{no_chroma};
  return body.get<std::int64_t>();
}

std::string path_of_database(const chroma_address& address) {
  std::string path = "/tenants/";
  append_escaped(path, address.tenant);
  path += "/databases/";
  append_escaped(path, address.database);
  return path;
}

}  // namespace

void check_address(const chroma_address& address) {
  check_base_url(address.url);
  for (const auto& [option, value] :
       {std::pair{"tenant", &address.tenant}, std::pair{"database", &address.database}}) {
    if (value->empty() || *value == "." || *value == "..") {
      throw configuration_error{option, *value, "expected a name"};
    }
  }
}

chroma_refusal::chroma_refusal(std::string_view call, int status)
    : std::runtime_error{fmt::format("{} is answered with status {}", call, status)},
      status_{status} {}

chroma_session::chroma_session(const chroma_address& address, health_probe::deadline until)
    : base_{address.url},
      database_path_{path_of_database(address)},
      token_{address.token},
      until_{until} {
  while (base_.ends_with('/')) base_.pop_back();
  base_ += "/api/v2";
}

http::response chroma_session::sent(std::string_view method, const std::string& path,
                                    const nlohmann::json* body) const {
  std::vector<http::header> headers{{"Content-Type", "application/json"}};
  if (!token_.empty()) headers.push_back({"x-chroma-token", token_});
  const std::string text =
      body == nullptr ? std::string{}
                      : body->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return transport_.send({.method = std::string{method},
                          .url = base_ + path,
                          .headers = std::move(headers),
                          .body = text},
                         until_);
}

nlohmann::json chroma_session::asked(std::string_view call, std::string_view method,
                                     const std::string& path, const nlohmann::json* body) const {
  const http::response reply = sent(method, path, body);
  if (!reply.ok()) throw chroma_refusal{call, reply.status};
  nlohmann::json parsed = nlohmann::json::parse(reply.body, nullptr, false);
  if (parsed.is_discarded()) throw probe_error{no_chroma};
  return parsed;
}

std::string chroma_session::records_path(const chroma_collection& collection,
                                         std::string_view operation) const {
  std::string path = database_path_ + "/collections/";
  append_escaped(path, collection.id);
  return path += operation;
}

void chroma_session::heartbeat() const {
  if (!member_of(asked("heartbeat", "GET", "/heartbeat"), "nanosecond heartbeat").is_number()) {
    throw probe_error{no_chroma};
  }
}

http::response chroma_session::healthcheck() const { return sent("GET", "/healthcheck", nullptr); }

std::string chroma_session::version() const {
  const nlohmann::json version = asked("version", "GET", "/version");
  return version.is_string() ? version.get<std::string>() : std::string{};
}

std::int64_t chroma_session::count_collections() const {
  return number_in(asked("count of collections", "GET", database_path_ + "/collections_count"));
}

std::vector<chroma_collection> chroma_session::collections(std::size_t most) const {
  const nlohmann::json listed = asked(
      "list of collections", "GET", database_path_ + "/collections?limit=" + std::to_string(most));
  std::vector<chroma_collection> found;
  if (!listed.is_array()) throw probe_error{no_chroma};
  for (const nlohmann::json& each : listed) found.push_back(collection_in(each));
  return found;
}

chroma_collection chroma_session::collection(std::string_view name) const {
  std::string path = database_path_ + "/collections/";
  append_escaped(path, name);
  return collection_in(asked("the collection", "GET", path));
}

chroma_collection chroma_session::made_collection(std::string_view name) const {
  const nlohmann::json wanted{
      {"name", name}, {"get_or_create", true}, {"configuration", {{"hnsw", {{"space", "l2"}}}}}};
  return collection_in(
      asked("making the collection", "POST", database_path_ + "/collections", &wanted));
}

std::int64_t chroma_session::count(const chroma_collection& collection) const {
  return number_in(asked("count", "GET", records_path(collection, "/count")));
}

std::optional<double> chroma_session::indexed_share(const chroma_collection& collection) const {
  const http::response reply = sent("GET", records_path(collection, "/indexing_status"), nullptr);
  const nlohmann::json body =
      reply.ok() ? nlohmann::json::parse(reply.body, nullptr, false) : nlohmann::json{};
  const nlohmann::json& share = member_of(body, "op_indexing_progress");
  return share.is_number() ? std::optional{share.get<double>()} : std::nullopt;
}

void chroma_session::upsert(const chroma_collection& into, const chroma_vector& record,
                            std::int64_t written) const {
  const nlohmann::json wanted{
      {"ids", nlohmann::json::array({record.id})},
      {"embeddings", nlohmann::json::array({record.values})},
      {"metadatas", nlohmann::json::array({nlohmann::json{{"written", written}}})}};
  static_cast<void>(asked("writing a vector", "POST", records_path(into, "/upsert"), &wanted));
}

void chroma_session::remove(const chroma_collection& from, const std::string& id) const {
  const nlohmann::json wanted{{"ids", nlohmann::json::array({id})}};
  static_cast<void>(asked("deleting a vector", "POST", records_path(from, "/delete"), &wanted));
}

void chroma_session::remove_written_before(const chroma_collection& from, std::int64_t time) const {
  const nlohmann::json wanted{{"where", {{"written", {{"$lt", time}}}}}};
  static_cast<void>(asked("deleting old vectors", "POST", records_path(from, "/delete"), &wanted));
}

std::optional<chroma_vector> chroma_session::got(const chroma_collection& collection,
                                                 const nlohmann::json& wanted) const {
  const nlohmann::json body =
      asked("reading a stored vector", "POST", records_path(collection, "/get"), &wanted);
  const nlohmann::json& id = first_of(member_of(body, "ids"));
  if (!id.is_string()) return std::nullopt;
  return chroma_vector{id.get<std::string>(), vector_in(first_of(member_of(body, "embeddings")))};
}

std::optional<chroma_vector> chroma_session::stored(const chroma_collection& collection,
                                                    std::int64_t offset) const {
  return got(collection, {{"limit", 1}, {"offset", offset}, {"include", {"embeddings"}}});
}

std::optional<chroma_vector> chroma_session::stored(const chroma_collection& collection,
                                                    const std::string& id) const {
  return got(collection, {{"ids", nlohmann::json::array({id})}, {"include", {"embeddings"}}});
}

std::optional<chroma_neighbour> chroma_session::nearest(const chroma_collection& collection,
                                                        const std::vector<float>& vector) const {
  const nlohmann::json wanted{{"query_embeddings", nlohmann::json::array({vector})},
                              {"n_results", 1},
                              {"include", {"distances"}}};
  const nlohmann::json body =
      asked("a search", "POST", records_path(collection, "/query"), &wanted);
  const nlohmann::json& id = first_of(first_of(member_of(body, "ids")));
  if (!id.is_string()) return std::nullopt;
  chroma_neighbour found{.id = id.get<std::string>()};
  const nlohmann::json& distance = first_of(first_of(member_of(body, "distances")));
  if (distance.is_number()) found.distance = distance.get<double>();
  return found;
}

}  // namespace querytap::detail
