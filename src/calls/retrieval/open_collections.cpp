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
  const std::string key = key_of_collection(options, name, strategy);
  {
    const parts_lock lock{recorder_};
    if (auto known = find(key)) return known;
  }
  auto fresh = std::make_shared<collection_state>(recorder_, options, backend, name, strategy);
  const parts_lock lock{recorder_};
  if (auto known = find(key)) return known;  // of another thread, which was faster
  const bool is_crowded = states_.size() >= most_kept;
  // One that will not be there next time would count again and again.
  if (is_crowded || fresh->is_overflow()) fresh->delay_counts();
  // Past the limit of series there may be millions of them, and some day there is room again.
  if (fresh->is_overflow() || !recorder_.enabled()) return fresh;
  if (is_crowded) forget_one();
  states_.emplace(key, entry{fresh, ++times_opened_});
  return fresh;
}

std::shared_ptr<collection_state> open_collections::find(const std::string& key) {
  const auto known = states_.find(key);
  if (known == states_.end()) return nullptr;
  known->second.opened = ++times_opened_;
  return known->second.state;
}

void open_collections::forget_one() {
  auto oldest = states_.end();
  for (auto at = states_.begin(); at != states_.end(); ++at) {
    if (!is_closed(at->second.state)) continue;
    if (oldest == states_.end() || at->second.opened < oldest->second.opened) oldest = at;
  }
  if (oldest != states_.end()) states_.erase(oldest);
}

void open_collections::release_idle(const series_usage& usage) {
  const parts_lock lock{recorder_};
  absl::erase_if(states_, [&](const auto& known) {
    const std::shared_ptr<collection_state>& state = known.second.state;
    return is_closed(state) && usage.is_idle(state->searches().target());
  });
}

}  // namespace querytap::detail
