#pragma once

#include "collection_state.hpp"

#include <querytap/recording/detail/recorder_part.hpp>

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace querytap::detail {

/// The collections of a recorder's vector stores: one state for each, however often it is opened. It lasts while
/// it is open; closed, it is kept while it is among the last 256 and in use now and then, so that who opens a
/// collection for each request finds its series and counts again, and who has one for each user does not keep the
/// places of series for good.
///
/// Threads  any number at once.
/// Cost     one search under the lock of all tables; some 40 KiB and 12 series for a collection that is not known.
class open_collections final : public recorder_part {
 public:
  explicit open_collections(recorder& recorder) : recorder_{recorder} {}

  [[nodiscard]] std::shared_ptr<collection_state> open(const vector_store_options& options,
                                                       const querytap::backend& backend,
                                                       std::string_view name,
                                                       std::string_view strategy);
  void release_idle(const series_usage& usage) override;

 private:
  static constexpr std::size_t most_kept = 256;

  struct entry {
    std::shared_ptr<collection_state> state;
    std::uint64_t opened = 0;  // the last time, counted from 1
  };

  [[nodiscard]] std::shared_ptr<collection_state> find(const std::string& key);
  /// Forgets the closed one that has not been opened for longest.
  void forget_one();

  recorder& recorder_;
  // Under a parts_lock.
  absl::flat_hash_map<std::string, entry> states_;
  std::uint64_t times_opened_ = 0;
};

}  // namespace querytap::detail
