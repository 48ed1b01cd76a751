#pragma once

#include <querytap/base/duration.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::chroma {

/// What is added, upserted or updated: of each list either as many as there are ids, or none.
struct records {
  std::vector<std::string> ids = {};
  std::vector<std::vector<float>> embeddings = {};
  std::vector<std::string> documents = {};
  std::vector<std::string> metadatas = {};  ///< JSON objects; an empty text: none for that record
};

/// What one record has, as far as it was asked for.
struct found_record {
  std::string id = {};
  std::optional<double> distance = {};  ///< of a query; none where Chroma has no number for it
  std::string document = {};
  std::string metadata = {};  ///< a JSON object; empty: none
  std::vector<float> embedding = {};
};

/// Which parts of records come back.
struct parts {
  bool documents = true;
  bool metadatas = false;
  bool embeddings = false;
};

struct query_options {
  std::uint32_t k = 10;
  std::string_view filter =
      {};  ///< Chroma's `where`, in JSON: `{"lang": "en"}`; empty: all records
  std::string_view document_filter = {};  ///< Chroma's `where_document`: `{"$contains": "word"}`
  chroma::parts parts = {};
};

struct get_options {
  std::span<const std::string> ids = {};  ///< none: whatever the filters leave
  std::string_view filter = {};
  std::string_view document_filter = {};
  std::optional<std::uint32_t> limit = {};
  std::uint32_t offset = 0;
  chroma::parts parts = {};
};

/// Which records are deleted: all that each of these leaves. At least one is given.
struct remove_options {
  std::span<const std::string> ids = {};
  std::string_view filter = {};
  std::string_view document_filter = {};
};

/// As Chroma has it.
struct collection_info {
  std::string id = {};
  std::string name = {};
  std::optional<std::uint32_t> dimension = {};  ///< none until it has a record
  std::string space = {};  ///< "l2", "cosine", "ip"; empty where it is not told
};

}  // namespace querytap::chroma
