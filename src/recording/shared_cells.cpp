#include "shared_cells.hpp"

#include "registry.hpp"

#include <mutex>

namespace querytap::detail {
namespace {

// The common memory, or the lane's own while another thread allocates in the common one.
class memory_for_shared_cells {
 public:
  memory_for_shared_cells(light_lock& allocation, page_source& common, page_source& spare) noexcept
      : lock_{allocation, std::try_to_lock}, memory_{lock_.owns_lock() ? common : spare} {}

  [[nodiscard]] page_source& get() const noexcept { return memory_; }

 private:
  const std::unique_lock<light_lock> lock_;
  page_source& memory_;
};

}  // namespace

shared_cells::outcome shared_cells::record(series& series, std::uint64_t value,
                                           page_source& spare) noexcept {
  shared_cell* const shared = find_or_make(series, spare);
  if (shared == nullptr) return outcome::full;
  const std::unique_lock writer{shared->writer, std::try_to_lock};
  if (!writer.owns_lock()) return outcome::in_use;
  const bucket_layout::place place = series.layout->find(value);
  if (shared->record(place, value)) return outcome::recorded;
  const memory_for_shared_cells memory{allocation_, memory_, spare};
  return shared->record_slow(place, value, *series.layout, memory.get()) ? outcome::recorded
                                                                         : outcome::full;
}

void shared_cells::offer_exemplar(const series& series, std::uint64_t value,
                                  const trace_context& trace, page_source& spare) noexcept {
  shared_cell* const shared = series.shared.load(std::memory_order_acquire);
  if (shared == nullptr) return;
  const std::unique_lock writer{shared->writer, std::try_to_lock};
  if (!writer.owns_lock()) return;
  const memory_for_shared_cells memory{allocation_, memory_, spare};
  if (exemplar_reservoir* const exemplars = exemplars_in(*shared, memory.get()))
    exemplars->offer(value, trace, series.home->time(), series.home->next_collection());
}

bool shared_cells::absorb(const own_cell& evicted, page_source& spare) noexcept {
  series& series = *evicted.series;
  shared_cell* const shared = find_or_make(series, spare);
  if (shared == nullptr) return false;
  const std::unique_lock writer{shared->writer, std::try_to_lock};
  if (!writer.owns_lock()) return false;
  const memory_for_shared_cells memory{allocation_, memory_, spare};
  if (!shared->absorb(evicted, *series.layout, memory.get())) return false;
  const exemplar_reservoir* const evicted_exemplars =
      evicted.exemplars.load(std::memory_order_relaxed);
  if (evicted_exemplars == nullptr) return true;
  if (exemplar_reservoir* const exemplars = exemplars_in(*shared, memory.get()))
    exemplars->absorb(*evicted_exemplars, series.home->next_collection());
  return true;
}

// Of two threads that make it at once, the first has made it.
shared_cell* shared_cells::find_or_make(series& series, page_source& spare) noexcept {
  shared_cell* known = series.shared.load(std::memory_order_acquire);
  if (known != nullptr) return known;
  const bool is_full =
      series.overflow != nullptr && bytes_.load(std::memory_order_relaxed) >= byte_limit_;
  if (is_full && !may_have_spare_.load(std::memory_order_relaxed)) return nullptr;
  const memory_for_shared_cells memory{allocation_, memory_, spare};
  if (is_full && !memory.get().has_spare<shared_cell>()) {
    if (&memory.get() == &memory_) may_have_spare_.store(false, std::memory_order_relaxed);
    return nullptr;
  }
  auto* const fresh = memory.get().make<shared_cell>();
  if (fresh == nullptr) return nullptr;
  if (series.shared.compare_exchange_strong(known, fresh, std::memory_order_acq_rel)) return fresh;
  memory.get().deallocate(fresh);
  return known;
}

// ORDER as in lane::retire().
void shared_cells::retire(series& retired) noexcept {
  shared_cell* const old = retired.shared.exchange(nullptr, std::memory_order_acquire);
  if (old == nullptr) return;
  deallocate(*old, *retired.layout, memory_);
  may_have_spare_.store(true, std::memory_order_relaxed);
}

}  // namespace querytap::detail
