#include "collection_state.hpp"

#include "../reports/report_hub.hpp"
#include "source_labels.hpp"
#include "under_return_finding.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/call_site.hpp>

#include <algorithm>
#include <cstring>
#include <functional>

namespace querytap::detail {
namespace {

// A text on the stack, cut where it is full: a summary has no more than 255 bytes either.
class statement_text {
 public:
  void append(std::string_view text) noexcept {
    const std::size_t size = std::min(text.size(), bytes_.size() - size_);
    std::memcpy(bytes_.data() + size_, text.data(), size);
    size_ += size;
  }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<char, 400> bytes_;
  std::size_t size_ = 0;
};

}  // namespace

collection_state::collection_state(recorder& telemetry, const vector_store_options& options,
                                   const querytap::backend& backend, std::string_view name,
                                   std::string_view strategy)
    : recorder_{telemetry},
      system_{options.system},
      name_{name},
      search_width_{options.search_width},
      count_interval_{
          static_cast<std::uint64_t>(std::max<std::int64_t>(options.count_interval.count(), 0))},
      backend_{backend},
      quality_{telemetry,
               {.system = options.system,
                .collection = std::string{name},
                .strategy = std::string{strategy}}},
      short_searches_{telemetry, labels_of_source(options.system, name, strategy)} {}

const statement& collection_state::statement_for(std::string_view operation,
                                                 std::string_view metric,
                                                 std::string_view filter) const noexcept {
  statement_text text;
  text.append(operation);
  if (!name_.empty()) {
    text.append(" ");
    text.append(name_);
  }
  if (!metric.empty()) {
    text.append(" by ");
    text.append(metric);
  }
  if (!filter.empty()) {
    text.append(" where ");
    text.append(filter);
  }
  return backend_.statement_for(text.view());
}

under_return_entry* collection_state::filter_entry(const filter_shape& filter) noexcept {
  return filters_.find_or_add(std::hash<std::string_view>{}(filter.text()));
}

std::uint64_t collection_state::nanoseconds() const noexcept {
  const clock& time = recorder_.time();
  return time.nanoseconds_between(0, time.ticks());
}

bool collection_state::claim_count(under_return_entry& entry, std::uint64_t time) const noexcept {
  if (!is_compiled_in || !recorder_.enabled()) return false;  // nobody would learn the reason
  if (time < count_from_) return false;
  std::uint64_t due = entry.next_count.load(std::memory_order_relaxed);
  if (time < due) return false;
  return entry.next_count.compare_exchange_strong(
      due, time + std::max<std::uint64_t>(count_interval_, 1), std::memory_order_relaxed);
}

void collection_state::plan_next_count(under_return_entry& entry,
                                       std::uint64_t begin) const noexcept {
  constexpr std::uint64_t share_of_time = 100;
  const std::uint64_t end = nanoseconds();
  const std::uint64_t pause = std::max(count_interval_, (end - begin) * share_of_time);
  entry.next_count.store(end + pause, std::memory_order_relaxed);
}

// Without memory there is no finding.
void collection_state::publish_finding(const std::shared_ptr<const statement_identity>& searched,
                                       const under_return_entry& entry, std::uint64_t k,
                                       std::uint64_t matching, code_location site) const noexcept {
  if (!recorder_.enabled()) return;
  try {
    const auto read = [](const std::atomic<std::uint64_t>& count) {
      return count.load(std::memory_order_relaxed);
    };
    finding result = under_return_finding({.system = system_,
                                           .collection = name_,
                                           .search_width = search_width_,
                                           .searches = read(entry.searches),
                                           .short_searches = read(entry.short_searches),
                                           .asked = read(entry.asked),
                                           .returned = read(entry.returned),
                                           .k = k,
                                           .matching = matching});
    result.statement = searched;
    result.site = site_of(site, recorder_.options().source_root);
    result.time = recorder_.time().wall();
    recorder_.part<report_hub>().publish(std::move(result));
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace querytap::detail
