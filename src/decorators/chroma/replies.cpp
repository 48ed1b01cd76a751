#include "replies.hpp"

#include <querytap/decorators/chroma/error.hpp>

#include <nlohmann/json.hpp>

#include <limits>

namespace querytap::chroma::detail {
namespace {

using nlohmann::json;

// nlohmann reads any depth, but writes by recursion.
bool is_too_deep(std::string_view text) noexcept {
  constexpr int deepest = 256;
  int depth = 0;
  bool is_in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_text) {
      if (c == '\\') ++i;
      is_in_text = c != '"';
    } else if (c == '"') {
      is_in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

json parsed_reply(std::string_view body) {
  if (is_too_deep(body)) throw_unexpected_reply("JSON of a usual depth");
  json reply = json::parse(body, nullptr, false);
  if (reply.is_discarded()) throw_unexpected_reply("JSON");
  return reply;
}

const json& member_of(const json& object, const char* name) {
  static const json none;
  if (!object.is_object()) throw_unexpected_reply("an object");
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

// Absent and null are alike.
const json* list_in(const json& object, const char* name) {
  const json& list = member_of(object, name);
  if (list.is_null()) return nullptr;
  if (!list.is_array()) throw_unexpected_reply("lists");
  return &list;
}

std::string text_in(const json& value) {
  if (value.is_null()) return {};
  if (!value.is_string()) throw_unexpected_reply("texts");
  return value.get<std::string>();
}

std::uint64_t count_in(const json& value) {
  if (!value.is_number_unsigned()) throw_unexpected_reply("a count");
  return value.get<std::uint64_t>();
}

std::optional<double> number_in(const json& value) {
  if (value.is_null()) return std::nullopt;
  if (!value.is_number()) throw_unexpected_reply("numbers");
  return value.get<double>();
}

std::vector<float> embedding_in(const json& value) {
  if (value.is_null()) return {};
  if (!value.is_array()) throw_unexpected_reply("vectors");
  std::vector<float> numbers;
  numbers.reserve(value.size());
  for (const json& number : value) {
    numbers.push_back(
        static_cast<float>(number_in(number).value_or(std::numeric_limits<double>::quiet_NaN())));
  }
  return numbers;
}

std::string object_in(const json& value) {
  if (value.is_null()) return {};
  if (!value.is_object()) throw_unexpected_reply("objects");
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// One list of a reply, which has as many members as there are ids, or is not there.
template <class Take>
void read_column(const json* column, std::vector<found_record>& found, Take take) {
  if (column == nullptr || column->is_null()) return;
  if (!column->is_array() || column->size() != found.size())
    throw_unexpected_reply("lists of one length");
  for (std::size_t i = 0; i < found.size(); ++i) take((*column)[i], found[i]);
}

struct reply_columns {
  const json* ids;
  const json* distances;
  const json* documents;
  const json* metadatas;
  const json* embeddings;
};

reply_columns columns_of(const json& reply) {
  const json* ids = list_in(reply, "ids");
  if (ids == nullptr) throw_unexpected_reply("ids");
  return {ids, list_in(reply, "distances"), list_in(reply, "documents"),
          list_in(reply, "metadatas"), list_in(reply, "embeddings")};
}

std::vector<found_record> records_of(const reply_columns& columns) {
  if (columns.ids == nullptr || !columns.ids->is_array()) throw_unexpected_reply("ids");
  std::vector<found_record> found(columns.ids->size());
  read_column(columns.ids, found, [](const json& from, found_record& record) {
    if (!from.is_string()) throw_unexpected_reply("ids");
    record.id = from.get<std::string>();
  });
  read_column(columns.distances, found,
              [](const json& from, found_record& record) { record.distance = number_in(from); });
  read_column(columns.documents, found,
              [](const json& from, found_record& record) { record.document = text_in(from); });
  read_column(columns.metadatas, found,
              [](const json& from, found_record& record) { record.metadata = object_in(from); });
  read_column(columns.embeddings, found, [](const json& from, found_record& record) {
    record.embedding = embedding_in(from);
  });
  return found;
}

// The space stands in the configuration of the index that is used.
std::string space_of(const json& collection) {
  const json& configuration = member_of(collection, "configuration_json");
  if (!configuration.is_object()) return {};
  for (const char* index : {"hnsw", "spann"}) {
    const json& settings = member_of(configuration, index);
    if (!settings.is_object()) continue;
    const json& space = member_of(settings, "space");
    if (space.is_string()) return space.get<std::string>();
  }
  return {};
}

collection_info collection_of(const json& reply) {
  collection_info info{.id = text_in(member_of(reply, "id")),
                       .name = text_in(member_of(reply, "name")),
                       .space = space_of(reply)};
  if (info.id.empty() || info.name.empty()) throw_unexpected_reply("a collection");
  const json& dimension = member_of(reply, "dimension");
  if (dimension.is_null()) return info;
  const std::uint64_t numbers = count_in(dimension);
  if (numbers == 0 || numbers > std::numeric_limits<std::uint32_t>::max())
    throw_unexpected_reply("a dimension");
  info.dimension = static_cast<std::uint32_t>(numbers);
  return info;
}

}  // namespace

void throw_unexpected_reply(std::string_view expected) {
  throw error{"querytap: chroma: an answer that is not as expected: " + std::string{expected}, 0,
              outcome::error("unexpected_reply")};
}

std::vector<std::vector<found_record>> parse_query_reply(std::string_view body,
                                                         std::size_t vectors) {
  const json reply = parsed_reply(body);
  const reply_columns columns = columns_of(reply);
  for (const json* column :
       {columns.ids, columns.distances, columns.documents, columns.metadatas, columns.embeddings}) {
    if (column != nullptr && column->size() != vectors)
      throw_unexpected_reply("one list for each vector");
  }
  std::vector<std::vector<found_record>> found;
  found.reserve(vectors);
  for (std::size_t i = 0; i < vectors; ++i) {
    const auto of_vector = [i](const json* column) {
      return column == nullptr ? nullptr : &(*column)[i];
    };
    found.push_back(records_of({of_vector(columns.ids), of_vector(columns.distances),
                                of_vector(columns.documents), of_vector(columns.metadatas),
                                of_vector(columns.embeddings)}));
  }
  return found;
}

std::vector<found_record> parse_get_reply(std::string_view body) {
  const json reply = parsed_reply(body);
  return records_of(columns_of(reply));
}

collection_info parse_collection(std::string_view body) {
  return collection_of(parsed_reply(body));
}

std::vector<collection_info> parse_collections(std::string_view body) {
  const json reply = parsed_reply(body);
  if (!reply.is_array()) throw_unexpected_reply("a list of collections");
  std::vector<collection_info> collections;
  collections.reserve(reply.size());
  for (const json& each : reply) collections.push_back(collection_of(each));
  return collections;
}

std::uint64_t parse_count(std::string_view body) { return count_in(parsed_reply(body)); }

std::chrono::nanoseconds parse_heartbeat(std::string_view body) {
  const std::uint64_t time = count_in(member_of(parsed_reply(body), "nanosecond heartbeat"));
  if (time > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    throw_unexpected_reply("a time");
  return std::chrono::nanoseconds{static_cast<std::int64_t>(time)};
}

std::optional<std::uint64_t> parse_largest_batch(std::string_view body) {
  const json reply = parsed_reply(body);
  const json& largest = member_of(reply, "max_batch_size");
  if (largest.is_null()) return std::nullopt;
  return count_in(largest);
}

std::string parse_error(std::string_view body) {
  const json reply = json::parse(body, nullptr, false);
  if (!reply.is_object()) return {};
  std::string text;
  for (const char* name : {"error", "message"}) {
    const json& part = member_of(reply, name);
    if (!part.is_string()) continue;
    if (!text.empty()) text += ": ";
    text += part.get_ref<const std::string&>();
  }
  return text;
}

}  // namespace querytap::chroma::detail
