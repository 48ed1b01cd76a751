#include <querytap/recording/detail/cell.hpp>

#include "page_source.hpp"

#include <sched.h>

#include <algorithm>

namespace querytap::detail {
namespace {

constexpr int attempts_before_posting = 4;
constexpr int polls_before_withdrawing = 1000;

// To an image that has the page of the value.
void add(std::uint64_t value, cell_image& image) noexcept {
  const bucket_layout::place place = image.layout->find(value);
  std::size_t bucket = place.bucket();
  for (std::size_t octave = 0; octave < place.octave; ++octave) {
    const bool has_page = (image.octaves >> octave & 1U) != 0;
    if (has_page) bucket += image.layout->buckets_in_octave()[octave];
  }
  ++image.counts[bucket];
  image.sum += value;
  image.min = std::min(image.min, value);
  image.max = std::max(image.max, value);
}

}  // namespace

template <class Counter>
bool basic_cell<Counter>::record_slow(bucket_layout::place place, std::uint64_t value,
                                      const bucket_layout& layout, page_source& memory,
                                      const pending_change& change) noexcept {
  page* counters = page_at(place.octave, std::memory_order_relaxed);
  if (counters == nullptr)
    counters = make_page(place.octave, layout.buckets_in_octave()[place.octave], memory);
  if (counters == nullptr) return false;
  std::atomic<Counter>& bucket = counters[place.bucket()];
  const auto count = static_cast<Counter>(bucket.load(std::memory_order_relaxed) + 1);
  if (count != 0) {
    write(bucket, count, value, [&] { change.apply(); });
    return true;
  }
  wrap_counts* wraps = make_wraps(place.octave, memory);
  if (wraps == nullptr) return false;
  write(bucket, count, value, [&] {
    std::atomic<std::uint64_t>& wrapped = (*wraps)[place.bucket()];
    wrapped.store(wrapped.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    change.apply();
  });
  return true;
}

template <class Counter>
void basic_cell<Counter>::widen(std::uint64_t min, std::uint64_t value, bool first) noexcept {
  if (first) {
    min_.store(value, std::memory_order_release);
  } else if (value > min) {
    range_.store(value - min, std::memory_order_release);
  } else {
    const std::uint64_t max = min + range_.load(std::memory_order_relaxed);
    range_.store(max - value, std::memory_order_release);
    min_.store(value, std::memory_order_release);
  }
}

template <class Counter>
typename basic_cell<Counter>::page* basic_cell<Counter>::page_at(
    std::size_t octave, std::memory_order order) const noexcept {
  if (page* near = near_[near_slot_[octave].load(order)].load(order)) return near;
  const far_table* far = far_.load(order);
  return far == nullptr ? nullptr : (*far)[octave].load(order);
}

template <class Counter>
typename basic_cell<Counter>::page* basic_cell<Counter>::make_page(std::size_t octave,
                                                                   std::size_t buckets,
                                                                   page_source& memory) noexcept {
  const std::uint64_t octaves = octaves_.load(std::memory_order_relaxed);
  const auto slot = static_cast<std::size_t>(std::popcount(octaves)) + 1;
  far_table* far = far_.load(std::memory_order_relaxed);
  if (slot > near_pages && far == nullptr) {
    far = memory.make<far_table>();
    if (far == nullptr) return nullptr;
    far_.store(far, std::memory_order_release);
  }
  page* const fresh = memory.make_array<page>(buckets);
  if (fresh == nullptr) return nullptr;
  if (slot <= near_pages) {
    near_[slot].store(fresh, std::memory_order_release);
    near_slot_[octave].store(static_cast<std::uint8_t>(slot), std::memory_order_release);
  } else {
    (*far)[octave].store(fresh, std::memory_order_release);
  }
  octaves_.store(octaves | std::uint64_t{1} << octave, std::memory_order_release);
  return fresh;
}

template <class Counter>
typename basic_cell<Counter>::wrap_counts* basic_cell<Counter>::make_wraps(
    std::size_t octave, page_source& memory) noexcept {
  wrap_table* table = wraps_.load(std::memory_order_relaxed);
  if (table == nullptr) {
    table = memory.make<wrap_table>();
    if (table == nullptr) return nullptr;
    wraps_.store(table, std::memory_order_release);
  }
  std::atomic<wrap_counts*>& slot = (*table)[octave];
  if (wrap_counts* existing = slot.load(std::memory_order_relaxed); existing != nullptr) {
    return existing;
  }
  auto* fresh = memory.make<wrap_counts>();
  if (fresh != nullptr) slot.store(fresh, std::memory_order_release);
  return fresh;
}

template <class Counter>
typename basic_cell<Counter>::wrap_counts* basic_cell<Counter>::wraps_at(
    std::size_t octave, std::memory_order order) const noexcept {
  const wrap_table* const table = wraps_.load(order);
  return table == nullptr ? nullptr : (*table)[octave].load(order);
}

template <class Counter>
bool basic_cell<Counter>::absorb(const basic_cell& other, const bucket_layout& layout,
                                 page_source& memory) noexcept {
  const std::uint64_t added = other.sequence_.load(std::memory_order_relaxed);
  if (added == 0) return true;
  if (!make_room_for(other, layout, memory)) return false;
  const std::uint64_t before = sequence_.load(std::memory_order_relaxed);
  sequence_.store(before + 1, std::memory_order_relaxed);
  for (std::uint64_t left = other.octaves_.load(std::memory_order_relaxed); left != 0;
       left &= left - 1) {
    const auto octave = static_cast<std::size_t>(std::countr_zero(left));
    add_buckets(other, octave, layout.buckets_in_octave()[octave]);
  }
  sum_.store(sum_.load(std::memory_order_relaxed) + other.sum_.load(std::memory_order_relaxed),
             std::memory_order_release);
  add_range(other, before == 0);
  sequence_.store(before + added, std::memory_order_release);
  if (reader_.load(std::memory_order_relaxed) != no_reader) serve_reader();
  return true;
}

// All that the other cell needs, so that what follows cannot fail half-way. Wrap counts wherever a
// bucket may wrap: the sum of two wraps at most once.
template <class Counter>
bool basic_cell<Counter>::make_room_for(const basic_cell& other, const bucket_layout& layout,
                                        page_source& memory) noexcept {
  const std::memory_order order = std::memory_order_relaxed;
  for (std::uint64_t left = other.octaves_.load(order); left != 0; left &= left - 1) {
    const auto octave = static_cast<std::size_t>(std::countr_zero(left));
    const std::size_t size = layout.buckets_in_octave()[octave];
    page* counters = page_at(octave, order);
    if (counters == nullptr) counters = make_page(octave, size, memory);
    if (counters == nullptr) return false;
    const page* const others = other.page_at(octave, order);
    bool wraps = other.wraps_at(octave, order) != nullptr;
    for (std::size_t bucket = 0; bucket < size; ++bucket) {
      const Counter count = counters[bucket].load(order);
      wraps = wraps || static_cast<Counter>(count + others[bucket].load(order)) < count;
    }
    if (wraps && make_wraps(octave, memory) == nullptr) return false;
  }
  return true;
}

template <class Counter>
void basic_cell<Counter>::add_buckets(const basic_cell& other, std::size_t octave,
                                      std::size_t size) noexcept {
  const std::memory_order order = std::memory_order_relaxed;
  page* const counters = page_at(octave, order);
  const page* const others = other.page_at(octave, order);
  wrap_counts* const wraps = wraps_at(octave, order);
  const wrap_counts* const other_wraps = other.wraps_at(octave, order);
  for (std::size_t bucket = 0; bucket < size; ++bucket) {
    const Counter count = counters[bucket].load(order);
    const auto sum = static_cast<Counter>(count + others[bucket].load(order));
    counters[bucket].store(sum, std::memory_order_release);
    const std::uint64_t wrapped =
        (sum < count ? 1U : 0U) + (other_wraps == nullptr ? 0 : (*other_wraps)[bucket].load(order));
    if (wrapped == 0) continue;
    (*wraps)[bucket].store((*wraps)[bucket].load(order) + wrapped, std::memory_order_release);
  }
}

template <class Counter>
void basic_cell<Counter>::add_range(const basic_cell& other, bool first) noexcept {
  const std::uint64_t other_min = other.min_.load(std::memory_order_relaxed);
  const std::uint64_t other_max = other_min + other.range_.load(std::memory_order_relaxed);
  if (first) widen(0, other_min, first);
  for (const std::uint64_t value : {other_min, other_max}) {
    const std::uint64_t min = min_.load(std::memory_order_relaxed);
    if (value - min > range_.load(std::memory_order_relaxed)) widen(min, value, false);
  }
}

template <class Counter>
void basic_cell<Counter>::deallocate_pages(const bucket_layout& layout,
                                           page_source& memory) noexcept {
  const std::memory_order order = std::memory_order_acquire;
  wrap_table* const wraps = wraps_.load(order);
  for (std::uint64_t left = octaves_.load(order); left != 0; left &= left - 1) {
    const auto octave = static_cast<std::size_t>(std::countr_zero(left));
    memory.deallocate_array(page_at(octave, order), layout.buckets_in_octave()[octave]);
    wrap_counts* const wrapped = wraps == nullptr ? nullptr : (*wraps)[octave].load(order);
    if (wrapped != nullptr) memory.deallocate(wrapped);
  }
  if (wraps != nullptr) memory.deallocate(wraps);
  if (far_table* const far = far_.load(order)) memory.deallocate(far);
}

template <class Counter>
void basic_cell<Counter>::read(cell_image& image) const noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(&image);
  for (;;) {
    for (int attempt = 0; attempt < attempts_before_posting; ++attempt) {
      if (try_read(image)) return;
    }
    reader_.store(address, std::memory_order_release);
    for (int poll = 0; poll < polls_before_withdrawing; ++poll) {
      if (reader_.load(std::memory_order_acquire) == no_reader) return;
    }
    // The writer is idle or not running: withdraw the request and read the cell here.
    std::uintptr_t expected = address;
    if (!reader_.compare_exchange_strong(expected, no_reader, std::memory_order_acq_rel)) {
      while (reader_.load(std::memory_order_acquire) != no_reader) sched_yield();
      return;
    }
    sched_yield();
  }
}

template <class Counter>
void basic_cell<Counter>::prefetch() const noexcept {
  constexpr std::size_t line = 64;
  const auto* const begin = reinterpret_cast<const char*>(this);
  for (std::size_t i = 0; i < sizeof *this; i += line) __builtin_prefetch(begin + i);
}

template <class Counter>
void basic_cell<Counter>::prefetch_pages() const noexcept {
  for (std::size_t slot = 1; slot < near_.size(); ++slot) {
    const page* const counters = near_[slot].load(std::memory_order_relaxed);
    if (counters == nullptr) return;
    __builtin_prefetch(counters);
  }
}

template <class Counter>
bool basic_cell<Counter>::try_read(cell_image& image) const noexcept {
  const std::uint64_t before = sequence_.load(std::memory_order_acquire);
  if ((before & 1) != 0) return false;
  copy(image, std::memory_order_acquire);
  // ORDER relaxed: the acquire loads of copy() come before this load.
  return sequence_.load(std::memory_order_relaxed) == before;
}

template <class Counter>
void basic_cell<Counter>::serve_reader() noexcept {
  std::uintptr_t address = reader_.load(std::memory_order_relaxed);
  // Fails for a reader that has just withdrawn: its image must not be written.
  if (address == no_reader ||
      !reader_.compare_exchange_strong(address, being_served, std::memory_order_acquire)) {
    return;
  }
  copy(*reinterpret_cast<cell_image*>(address), std::memory_order_relaxed);
  reader_.store(no_reader, std::memory_order_release);
}

template <class Counter>
void basic_cell<Counter>::copy(cell_image& image, std::memory_order order) const noexcept {
  constexpr auto wrap = std::uint64_t{1} << (8 * sizeof(Counter));
  const std::uint64_t pending = image.pending == nullptr ? 0 : image.pending->load(order);
  image.sum = sum_.load(order);
  const bool is_empty = sequence_.load(order) == 0;
  image.min = is_empty ? UINT64_MAX : min_.load(order);
  image.max = is_empty ? 0 : image.min + range_.load(order);
  image.octaves = octaves_.load(order);
  const wrap_table* wrapped = wraps_.load(order);
  std::uint64_t* next = image.counts.data();
  for (std::uint64_t left = image.octaves; left != 0; left &= left - 1) {
    const auto octave = static_cast<std::size_t>(std::countr_zero(left));
    const page* const from = page_at(octave, order);
    // In local variables: the compiler then knows that writing the copies does not change them.
    const std::size_t size = image.layout->buckets_in_octave()[octave];
    std::uint64_t* const copies = next;
    next += size;
    // Four at a time: compilers unroll no loop of atomic loads.
    std::size_t copied = 0;
    for (; copied + 4 <= size; copied += 4) {
      copies[copied] = from[copied].load(order);
      copies[copied + 1] = from[copied + 1].load(order);
      copies[copied + 2] = from[copied + 2].load(order);
      copies[copied + 3] = from[copied + 3].load(order);
    }
    for (; copied < size; ++copied) copies[copied] = from[copied].load(order);
    const wrap_counts* wraps = wrapped == nullptr ? nullptr : (*wrapped)[octave].load(order);
    if (wraps == nullptr) continue;
    for (std::size_t bucket = 0; bucket < size; ++bucket) {
      copies[bucket] += (*wraps)[bucket].load(order) * wrap;
    }
  }
  image.size = static_cast<std::size_t>(next - image.counts.data());
  if (pending_word::is_of(image.series, pending)) add(pending_word::value_of(pending), image);
}

template class basic_cell<std::uint32_t>;
template class basic_cell<std::uint8_t>;

}  // namespace querytap::detail
