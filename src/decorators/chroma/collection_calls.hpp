#pragma once

#include "client_state.hpp"

#include <querytap/calls/retrieval/vector_store.hpp>
#include <querytap/decorators/chroma/collection.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace querytap::chroma::detail {

/// What a collection does.
///
/// Threads  any number at once.
class collection_calls {
 public:
  collection_calls(std::shared_ptr<client_state> client, const collection_info& info);

  void write(std::string_view operation, const records& written, bool needs_vectors,
             code_location site);
  void remove(const remove_options& removed, code_location site);
  [[nodiscard]] std::vector<std::vector<found_record>> query(
      std::span<const std::vector<float>> vectors, const query_options& options,
      code_location site);
  [[nodiscard]] std::vector<found_record> get(const get_options& options, code_location site);
  [[nodiscard]] std::uint64_t count(code_location site);

  [[nodiscard]] const collection_info& info() const noexcept { return info_; }

 private:
  [[nodiscard]] std::string path(std::string_view rest) const {
    return client_->collection_path(info_.id, rest);
  }
  /// How many records the filters of a query leave, counted up to `enough`.
  [[nodiscard]] std::uint64_t count_matching(const query_options& options, code_location site);
  void learn_dimension(const std::vector<std::vector<float>>& vectors) noexcept;

  std::shared_ptr<client_state> client_;
  collection_info info_;
  vector_collection timed_;
  // ORDER relaxed: one number, 0 until it is known; a collection never gets another one.
  std::atomic<std::uint32_t> dimension_;
};

}  // namespace querytap::chroma::detail
