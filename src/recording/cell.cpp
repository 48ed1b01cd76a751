#include <querytap/recording/detail/cell.hpp>

#include "page_source.hpp"

#include <sched.h>

namespace querytap::detail {
namespace {

constexpr int tries_before_asking = 4;
constexpr int looks_before_withdrawing = 1000;

}  // namespace

template <class Counter>
bool basic_cell<Counter>::record_slow(bucket_layout::place where, std::uint64_t value,
                                      const bucket_layout& layout, page_source& memory) noexcept {
  page* in = page_at(where.octave, std::memory_order_relaxed);
  if (in == nullptr) in = make_page(where.octave, layout.buckets_in_octave()[where.octave], memory);
  if (in == nullptr) return false;
  std::atomic<Counter>& bucket = in[where.bucket()];
  const auto count = static_cast<Counter>(bucket.load(std::memory_order_relaxed) + 1);
  if (count != 0) {
    write(bucket, count, value, [] {});
    return true;
  }
  wrap_counts* wraps = make_wraps(where.octave, memory);
  if (wraps == nullptr) return false;
  write(bucket, count, value, [&] {
    std::atomic<std::uint64_t>& wrapped = (*wraps)[where.bucket()];
    wrapped.store(wrapped.load(std::memory_order_relaxed) + 1, std::memory_order_release);
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
void basic_cell<Counter>::give_back(const bucket_layout& layout, page_source& to) noexcept {
  const std::memory_order order = std::memory_order_acquire;
  wrap_table* const wraps = wraps_.load(order);
  for (std::uint64_t left = octaves_.load(order); left != 0; left &= left - 1) {
    const auto octave = static_cast<std::size_t>(std::countr_zero(left));
    to.give_back_array(page_at(octave, order), layout.buckets_in_octave()[octave]);
    wrap_counts* const wrapped = wraps == nullptr ? nullptr : (*wraps)[octave].load(order);
    if (wrapped != nullptr) to.give_back(wrapped);
  }
  if (wraps != nullptr) to.give_back(wraps);
  if (far_table* const far = far_.load(order)) to.give_back(far);
}

template <class Counter>
void basic_cell<Counter>::read(cell_image& to) const noexcept {
  const auto wanted = reinterpret_cast<std::uintptr_t>(&to);
  for (;;) {
    for (int attempt = 0; attempt < tries_before_asking; ++attempt) {
      if (try_read(to)) return;
    }
    reader_.store(wanted, std::memory_order_release);
    for (int look = 0; look < looks_before_withdrawing; ++look) {
      if (reader_.load(std::memory_order_acquire) == no_reader) return;
    }
    // The writer has gone quiet, or is not running: take the request back and look for ourselves.
    std::uintptr_t expected = wanted;
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
    const page* const there = near_[slot].load(std::memory_order_relaxed);
    if (there == nullptr) return;
    __builtin_prefetch(there);
  }
}

template <class Counter>
bool basic_cell<Counter>::try_read(cell_image& to) const noexcept {
  const std::uint64_t before = sequence_.load(std::memory_order_acquire);
  if ((before & 1) != 0) return false;
  copy(to, std::memory_order_acquire);
  // ORDER relaxed: the acquire loads of copy() keep this one after them.
  return sequence_.load(std::memory_order_relaxed) == before;
}

template <class Counter>
void basic_cell<Counter>::serve_reader() noexcept {
  std::uintptr_t wanted = reader_.load(std::memory_order_relaxed);
  // A reader that has just withdrawn keeps its image to itself.
  if (wanted == no_reader ||
      !reader_.compare_exchange_strong(wanted, being_served, std::memory_order_acquire)) {
    return;
  }
  copy(*reinterpret_cast<cell_image*>(wanted), std::memory_order_relaxed);
  reader_.store(no_reader, std::memory_order_release);
}

template <class Counter>
void basic_cell<Counter>::copy(cell_image& to, std::memory_order order) const noexcept {
  constexpr auto wrap = std::uint64_t{1} << (8 * sizeof(Counter));
  to.sum = sum_.load(order);
  const bool is_empty = sequence_.load(order) == 0;
  to.min = is_empty ? UINT64_MAX : min_.load(order);
  to.max = is_empty ? 0 : to.min + range_.load(order);
  to.octaves = octaves_.load(order);
  const wrap_table* wrapped = wraps_.load(order);
  std::uint64_t* next = to.counts.data();
  for (std::uint64_t left = to.octaves; left != 0; left &= left - 1) {
    const auto octave = static_cast<std::size_t>(std::countr_zero(left));
    const page* const from = page_at(octave, order);
    // In variables of their own, so that the compiler need not fear that the copies overwrite them.
    const std::size_t size = to.layout->buckets_in_octave()[octave];
    std::uint64_t* const copies = next;
    next += size;
    for (std::size_t bucket = 0; bucket < size; ++bucket) {
      copies[bucket] = from[bucket].load(order);
    }
    const wrap_counts* wraps = wrapped == nullptr ? nullptr : (*wrapped)[octave].load(order);
    if (wraps == nullptr) continue;
    for (std::size_t bucket = 0; bucket < size; ++bucket) {
      copies[bucket] += (*wraps)[bucket].load(order) * wrap;
    }
  }
  to.size = static_cast<std::size_t>(next - to.counts.data());
}

template class basic_cell<std::uint32_t>;
template class basic_cell<std::uint8_t>;

}  // namespace querytap::detail
