#pragma once

#include "collection_state.hpp"

#include <querytap/recording/detail/recorder_part.hpp>

#include <absl/container/flat_hash_map.h>

#include <memory>
#include <string>
#include <string_view>

namespace querytap::detail {

/// The collections of a recorder's vector stores: one state for each, however often it is opened. It lasts while
/// it is open, and then until nothing has been recorded for a while, so that who opens a collection for each
/// request finds its questions and series again, and who has a collection for each user does not fill the limit.
///
/// Threads  any number at once.
class open_collections final : public recorder_part {
 public:
  explicit open_collections(recorder& recorder) : recorder_{recorder} {}

  [[nodiscard]] std::shared_ptr<collection_state> open(const vector_store_options& options,
                                                       const querytap::backend& backend,
                                                       std::string_view name,
                                                       std::string_view strategy);
  void release_idle(const series_usage& usage) override;

 private:
  // Those that are open do not count: they belong to their users.
  static constexpr std::size_t most_kept = 256;

  recorder& recorder_;
  absl::flat_hash_map<std::string, std::shared_ptr<collection_state>>
      states_;  // under a parts_lock
};

}  // namespace querytap::detail
