#include "request_text.hpp"

#include <querytap/decorators/chroma/error.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>

namespace querytap::chroma::detail {
namespace {

using nlohmann::json;

constexpr std::string_view document_key = "#document";

json parsed_object(std::string_view text, std::string_view name) {
  json object = json::parse(text, nullptr, false);
  if (!object.is_object() || object.empty()) {
    throw invalid_input{"querytap: chroma: `" + std::string{name} +
                        "`: expected a JSON object that is not empty"};
  }
  return object;
}

void append_text(std::string& body, std::string_view text) {
  try {
    body += json(text).dump();
  } catch (const json::exception&) {
    throw invalid_input{"querytap: chroma: expected texts in UTF-8"};
  }
}

void append_number(std::string& body, float number) {
  std::array<char, 32> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  body.append(digits.data(), written.ptr);
}

// A JSON object, part by part.
class object_text {
 public:
  std::string& add(std::string_view name) {
    text_ += text_.empty() ? "{\"" : ",\"";
    text_ += name;
    text_ += "\":";
    return text_;
  }
  template <class List, class Append>
  void add_list(std::string_view name, const List& list, Append append) {
    std::string& text = add(name);
    text += '[';
    bool is_first = true;
    for (const auto& each : list) {
      if (!std::exchange(is_first, false)) text += ',';
      append(text, each);
    }
    text += ']';
  }
  void add_count(std::string_view name, std::uint64_t count) { add(name) += std::to_string(count); }
  void add_text(std::string_view name, std::string_view value) { append_text(add(name), value); }
  void add_object(std::string_view name, std::string_view object) {
    if (object.empty()) return;
    static_cast<void>(parsed_object(object, name));
    add(name) += object;
  }
  [[nodiscard]] std::string take() {
    text_ += text_.empty() ? "{}" : "}";
    return std::move(text_);
  }

 private:
  std::string text_;
};

void append_vector(std::string& text, const std::vector<float>& vector) {
  text += '[';
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (i != 0) text += ',';
    append_number(text, vector[i]);
  }
  text += ']';
}

void append_metadata(std::string& text, const std::string& metadata) {
  if (metadata.empty()) {
    text += "null";
    return;
  }
  static_cast<void>(parsed_object(metadata, "metadatas"));
  text += metadata;
}

void add_parts(object_text& body, const parts& wanted, bool distances) {
  std::vector<std::string_view> names;
  if (wanted.documents) names.emplace_back("documents");
  if (wanted.metadatas) names.emplace_back("metadatas");
  if (wanted.embeddings) names.emplace_back("embeddings");
  if (distances) names.emplace_back("distances");
  body.add_list("include", names, append_text);
}

// `{"$and": [{"lang": "en"}, {"year": {"$gt": 2020}}]}` has lang and year. Deeper filters than anybody
// writes are not followed.
void collect_keys(const json& filter, std::vector<std::string>& keys, int depth) {
  constexpr int deepest = 32;
  if (depth > deepest) return;
  if (filter.is_array()) {
    for (const json& each : filter) collect_keys(each, keys, depth + 1);
  } else if (filter.is_object()) {
    for (const auto& [key, value] : filter.items()) {
      if (key.starts_with('$')) {
        collect_keys(value, keys, depth + 1);
      } else {
        keys.push_back(key);
      }
    }
  }
}

}  // namespace

std::string text_of_records(const records& written) {
  object_text body;
  body.add_list("ids", written.ids, append_text);
  if (!written.embeddings.empty()) body.add_list("embeddings", written.embeddings, append_vector);
  if (!written.documents.empty()) body.add_list("documents", written.documents, append_text);
  if (!written.metadatas.empty()) body.add_list("metadatas", written.metadatas, append_metadata);
  return body.take();
}

std::string text_of_query(std::span<const std::vector<float>> vectors,
                          const query_options& options) {
  object_text body;
  body.add_list("query_embeddings", vectors, append_vector);
  body.add_count("n_results", options.k);
  body.add_object("where", options.filter);
  body.add_object("where_document", options.document_filter);
  add_parts(body, options.parts, true);
  return body.take();
}

std::string text_of_get(const get_options& options) {
  object_text body;
  if (!options.ids.empty()) body.add_list("ids", options.ids, append_text);
  body.add_object("where", options.filter);
  body.add_object("where_document", options.document_filter);
  if (options.limit) body.add_count("limit", *options.limit);
  if (options.offset != 0) body.add_count("offset", options.offset);
  add_parts(body, options.parts, false);
  return body.take();
}

std::string text_of_remove(const remove_options& options) {
  object_text body;
  if (!options.ids.empty()) body.add_list("ids", options.ids, append_text);
  body.add_object("where", options.filter);
  body.add_object("where_document", options.document_filter);
  return body.take();
}

std::string text_of_create(std::string_view name, const create_options& options) {
  object_text body;
  body.add_text("name", name);
  body.add("get_or_create") += options.get_or_create ? "true" : "false";
  body.add_object("metadata", options.metadata);
  object_text hnsw;
  bool is_configured = !options.space.empty();
  if (is_configured) hnsw.add_text("space", options.space);
  const auto add_setting = [&](std::string_view setting, std::uint32_t value) {
    if (value == 0) return;
    hnsw.add_count(setting, value);
    is_configured = true;
  };
  add_setting("ef_search", options.ef_search);
  add_setting("ef_construction", options.ef_construction);
  add_setting("max_neighbors", options.max_neighbors);
  if (is_configured) body.add("configuration") += "{\"hnsw\":" + hnsw.take() + '}';
  return body.take();
}

filter_shape shape_of_filters(std::string_view filter, std::string_view document_filter) {
  if (filter.empty() && document_filter.empty()) return {};
  std::vector<std::string> keys;
  if (!filter.empty()) collect_keys(parsed_object(filter, "where"), keys, 0);
  if (!document_filter.empty()) keys.emplace_back(document_key);
  const std::vector<std::string_view> views{keys.begin(), keys.end()};
  return filter_shape{views};
}

}  // namespace querytap::chroma::detail
