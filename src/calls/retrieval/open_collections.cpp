#include "open_collections.hpp"

#include "../joined_texts.hpp"

#include <querytap/recording/recorder.hpp>

#include <array>

namespace querytap::detail {
namespace {

std::string key_of_collection(const vector_store_options& options, std::string_view name,
                              std::string_view strategy) {
  const std::string numbers = std::to_string(options.server_port) + ' ' +
                              std::to_string(options.slow_threshold.count()) + ' ' +
                              std::to_string(options.slow_multiple) + ' ' +
                              std::to_string(options.count_interval.count());
  return joined_with_lengths(
      std::array<std::string_view, 7>{options.system, options.database, options.server_address,
                                      options.search_width, name, strategy, numbers});
}

// Only open_collections gives out new references, under the lock that its caller holds.
bool is_closed(const std::shared_ptr<collection_state>& state) noexcept {
  return state.use_count() == 1;
}

}  // namespace

std::shared_ptr<collection_state> open_collections::open(const vector_store_options& options,
                                                         const querytap::backend& backend,
                                                         std::string_view name,
                                                         std::string_view strategy) {
  std::string key = key_of_collection(options, name, strategy);
  const parts_lock lock{recorder_};
  if (const auto known = states_.find(key); known != states_.end()) return known->second;
  if (states_.size() >= most_kept) {
    absl::erase_if(states_, [](const auto& entry) { return is_closed(entry.second); });
  }
  auto fresh = std::make_shared<collection_state>(recorder_, options, backend, name, strategy);
  // Past the limit of series there may be millions of them, and some day there is room again.
  if (!fresh->is_overflow()) states_.emplace(std::move(key), fresh);
  return fresh;
}

void open_collections::release_idle(const series_usage& usage) {
  const parts_lock lock{recorder_};
  absl::erase_if(states_, [&](const auto& entry) {
    return is_closed(entry.second) && usage.is_idle(entry.second->searches().target());
  });
}

}  // namespace querytap::detail
