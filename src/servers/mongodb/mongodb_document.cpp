#include "mongodb_document.hpp"

#include <new>
#include <stdexcept>
#include <utility>

namespace querytap::detail {
namespace {

std::string text_of_bson(const bson_t& document) {
  char* const json = bson_as_relaxed_extended_json(&document, nullptr);
  std::string text = json == nullptr ? std::string{} : std::string{json};
  bson_free(json);
  return text;
}

}  // namespace

mongodb_document::mongodb_document() : bson_{bson_new()} {}
mongodb_document::mongodb_document(const bson_t& copied) : bson_{bson_copy(&copied)} {
  if (bson_ == nullptr) throw std::bad_alloc{};
}
mongodb_document::mongodb_document(mongodb_document&& other) noexcept
    : bson_{std::exchange(other.bson_, nullptr)} {}
mongodb_document& mongodb_document::operator=(mongodb_document&& other) noexcept {
  std::swap(bson_, other.bson_);
  return *this;
}
mongodb_document::~mongodb_document() {
  if (bson_ != nullptr) bson_destroy(bson_);
}

mongodb_document mongodb_document::of_json(std::string_view json) {
  bson_error_t error;
  bson_t parsed;
  if (!bson_init_from_json(&parsed, json.data(), static_cast<ssize_t>(json.size()), &error)) {
    throw std::invalid_argument{"no extended JSON"};
  }
  mongodb_document document{parsed};
  bson_destroy(&parsed);
  return document;
}

bool mongodb_document::find(std::string_view path, bson_iter_t& found) const {
  bson_iter_t begin;
  return bson_iter_init(&begin, bson_) &&
         bson_iter_find_descendant(&begin, std::string{path}.c_str(), &found);
}

std::optional<std::int64_t> mongodb_document::number(std::string_view path) const {
  bson_iter_t found;
  if (!find(path, found)) return std::nullopt;
  if (BSON_ITER_HOLDS_DATE_TIME(&found)) return bson_iter_date_time(&found);
  if (BSON_ITER_HOLDS_BOOL(&found)) return bson_iter_bool(&found) ? 1 : 0;
  if (!BSON_ITER_HOLDS_NUMBER(&found)) return std::nullopt;
  return bson_iter_as_int64(&found);
}

std::string mongodb_document::text(std::string_view path) const {
  bson_iter_t found;
  if (!find(path, found) || !BSON_ITER_HOLDS_UTF8(&found)) return {};
  std::uint32_t size = 0;
  const char* const bytes = bson_iter_utf8(&found, &size);
  return {bytes, size};
}

bool mongodb_document::has(std::string_view path) const {
  bson_iter_t found;
  return find(path, found);
}

std::vector<mongodb_document> mongodb_document::list(std::string_view path) const {
  std::vector<mongodb_document> documents;
  bson_iter_t found;
  bson_iter_t each;
  if (!find(path, found) || !BSON_ITER_HOLDS_ARRAY(&found) || !bson_iter_recurse(&found, &each)) {
    return documents;
  }
  while (bson_iter_next(&each)) {
    if (!BSON_ITER_HOLDS_DOCUMENT(&each)) continue;
    std::uint32_t size = 0;
    const std::uint8_t* bytes = nullptr;
    bson_iter_document(&each, &size, &bytes);
    bson_t part;
    if (bson_init_static(&part, bytes, size)) documents.emplace_back(part);
  }
  return documents;
}

std::string mongodb_document::json() const { return text_of_bson(*bson_); }

std::string mongodb_document::json(std::string_view path) const {
  bson_iter_t found;
  if (!find(path, found)) return {};
  const bool is_array = BSON_ITER_HOLDS_ARRAY(&found);
  if (!is_array && !BSON_ITER_HOLDS_DOCUMENT(&found)) return {};
  std::uint32_t size = 0;
  const std::uint8_t* bytes = nullptr;
  is_array ? bson_iter_array(&found, &size, &bytes) : bson_iter_document(&found, &size, &bytes);
  bson_t part;
  if (!bson_init_static(&part, bytes, size)) return {};
  if (!is_array) return text_of_bson(part);
  char* const text = bson_array_as_json(&part, nullptr);
  std::string json = text == nullptr ? std::string{} : std::string{text};
  bson_free(text);
  return json;
}

}  // namespace querytap::detail
