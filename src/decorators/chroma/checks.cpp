#include "checks.hpp"

#include <querytap/decorators/chroma/error.hpp>

#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <cmath>

namespace querytap::chroma::detail {
namespace {

template <class... Values>
[[noreturn]] void refuse_input(std::string_view collection, fmt::format_string<Values...> text,
                               const Values&... values) {
  throw invalid_input{fmt::format("querytap: chroma: {}: ", collection) +
                      fmt::vformat(text, fmt::make_format_args(values...))};
}

void check_length(std::string_view collection, std::string_view list, std::size_t size,
                  std::size_t ids) {
  if (size != 0 && size != ids)
    refuse_input(collection, "{} ids, and {} {}: expected as many, or none", ids, size, list);
}

}  // namespace

void check_vectors(std::string_view collection, std::span<const std::vector<float>> vectors,
                   std::uint32_t dimension) {
  std::size_t expected = dimension;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const std::vector<float>& vector = vectors[i];
    if (vector.empty()) refuse_input(collection, "vector {} is empty", i);
    if (expected == 0) expected = vector.size();
    if (vector.size() != expected)
      refuse_input(collection, "vector {} has {} numbers, where {} are expected", i, vector.size(),
                   expected);
    for (std::size_t j = 0; j < vector.size(); ++j) {
      if (!std::isfinite(vector[j]))
        refuse_input(collection, "number {} of vector {} is not finite", j, i);
    }
  }
}

void check_records(std::string_view collection, const records& written, std::uint32_t dimension,
                   vectors_needed needed) {
  const std::size_t ids = written.ids.size();
  if (ids == 0) refuse_input(collection, "expected at least one id");
  if (needed == vectors_needed::yes && written.embeddings.empty())
    refuse_input(collection, "expected an embedding for each id");
  check_length(collection, "embeddings", written.embeddings.size(), ids);
  check_length(collection, "documents", written.documents.size(), ids);
  check_length(collection, "metadatas", written.metadatas.size(), ids);
  absl::flat_hash_set<std::string_view> known;
  known.reserve(ids);
  for (std::size_t i = 0; i < ids; ++i) {
    if (written.ids[i].empty()) refuse_input(collection, "id {} is empty", i);
    if (!known.insert(written.ids[i]).second)
      refuse_input(collection, "id {} is there twice: Chroma would take the first alone", i);
  }
  check_vectors(collection, written.embeddings, dimension);
}

void check_batch(std::string_view collection, std::size_t size, std::uint64_t largest) {
  if (largest != 0 && size > largest)
    refuse_input(collection, "{} records, where the server takes {} by one call", size, largest);
}

}  // namespace querytap::chroma::detail
