#include "text_table.hpp"

namespace querytap::detail {

text_table::~text_table() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  remove_all();
  free_retired();
  // What is left is in use by threads that go on, whose readers nobody knows from now on.
  retired_ = nullptr;
}

bool text_table::insert(text_reader& reader, std::uint64_t owner, std::string_view text,
                        std::uint64_t key, const ref_counted& value) noexcept {
  text_entry* const fresh = text_entry::make(owner, text, key, value);
  if (fresh == nullptr) return false;
  const std::lock_guard lock{mutex_};
  if (must_free()) free_retired();
  if (closed_ || must_free()) {
    text_entry::free(fresh);
    return false;
  }
  reader.in_use.store(fresh, std::memory_order_release);
  place* const known = find_place(owner, text, key);
  put(known != nullptr ? *known : place_for(key), *fresh);
  make_room(*fresh);
  grow();
  return true;
}

std::optional<std::uint32_t> text_table::find_among_equal_keys(text_reader& reader,
                                                               std::uint64_t owner,
                                                               std::string_view text,
                                                               std::uint64_t key) const noexcept {
  const std::size_t first = first_place(key);
  for (std::size_t i = first; i < first + ways; ++i) {
    if (places_[i].key.load(std::memory_order_relaxed) != key) continue;
    if (use(reader, i, owner, text)) return static_cast<std::uint32_t>(i);
  }
  reader.in_use.store(nullptr, std::memory_order_release);  // what was found before may go
  return std::nullopt;
}

text_table::place* text_table::find_place(std::uint64_t owner, std::string_view text,
                                          std::uint64_t key) noexcept {
  place* const first = &places_[first_place(key)];
  for (place* p = first; p != first + ways; ++p) {
    const text_entry* const entry = p->entry.load(std::memory_order_relaxed);
    if (entry != nullptr && entry->key() == key && entry->is_of(owner, text)) return p;
  }
  return nullptr;
}

// Free and stale places come first, then those that were not used since the last look at them.
text_table::place& text_table::place_for(std::uint64_t key) noexcept {
  place* const first = &places_[first_place(key)];
  for (place* p = first; p != first + ways; ++p) {
    const text_entry* const entry = p->entry.load(std::memory_order_relaxed);
    if (entry == nullptr || entry->value().is_stale()) return *p;
  }
  for (std::size_t turn = 0; turn < ways; ++turn) {
    place& candidate = first[++last_evicted_ % ways];
    if (!candidate.entry.load(std::memory_order_relaxed)->take_used()) return candidate;
  }
  return first[++last_evicted_ % ways];
}

void text_table::put(place& taken, text_entry& fresh) noexcept {
  remove(taken);
  taken.key.store(fresh.key(), std::memory_order_relaxed);
  taken.entry.store(&fresh, std::memory_order_release);
  ++texts_;
  bytes_ += fresh.bytes();
}

void text_table::remove(place& taken) noexcept {
  text_entry* const entry = taken.entry.load(std::memory_order_relaxed);
  if (entry == nullptr) return;
  taken.key.store(0, std::memory_order_relaxed);
  taken.entry.store(nullptr, std::memory_order_release);
  --texts_;
  bytes_ -= entry->bytes();
  entry->next_retired = retired_;
  retired_ = entry;
  ++count_of_retired_;
}

void text_table::make_room(const text_entry& spared) noexcept {
  while (bytes_ > most_bytes || texts_ > most_texts) {
    place& candidate = places_[next_make_room_++ % most_places];
    const text_entry* const entry = candidate.entry.load(std::memory_order_relaxed);
    if (entry == nullptr || entry == &spared || entry->take_used()) continue;
    remove(candidate);
  }
}

// Four times the room of what is in it: hardly ever are there more texts for a set than it has
// places. A reader that does not see the new number of sets does not find what has moved.
void text_table::grow() noexcept {
  const std::size_t sets = count_of_sets();
  if (sets == most_sets || texts_ * 4 < sets * ways) return;
  for (std::size_t i = 0; i < sets * ways; ++i) {
    text_entry* const entry = places_[i].entry.load(std::memory_order_relaxed);
    if (entry == nullptr || (entry->key() & sets) == 0) continue;
    place& moved = places_[i + sets * ways];
    moved.key.store(entry->key(), std::memory_order_relaxed);
    moved.entry.store(entry, std::memory_order_release);
    places_[i].key.store(0, std::memory_order_relaxed);
    places_[i].entry.store(nullptr, std::memory_order_release);
  }
  added_sets_.store(sets * 2 - first_sets, std::memory_order_relaxed);
}

// In small steps, so that an insertion does not wait for all of them.
void text_table::purge_stale() noexcept {
  constexpr std::size_t step = 64 * ways;
  for (std::size_t first = 0; first < count_of_sets() * ways; first += step) {
    const std::lock_guard lock{mutex_};
    remove_stale(first, step);
  }
  const std::lock_guard lock{mutex_};
  free_retired();
}

void text_table::remove_stale(std::size_t first, std::size_t count) noexcept {
  for (std::size_t i = first; i < first + count; ++i) {
    const text_entry* const entry = places_[i].entry.load(std::memory_order_relaxed);
    if (entry != nullptr && entry->value().is_stale()) remove(places_[i]);
  }
}

void text_table::remove_all() noexcept {
  for (place& taken : places_) remove(taken);
}

void text_table::free_retired() noexcept {
  if (retired_ == nullptr || !fence_of_writer()) return;
  text_entry* next = retired_;
  retired_ = nullptr;
  count_of_retired_ = 0;
  while (next != nullptr) {
    text_entry* const entry = next;
    next = entry->next_retired;
    if (readers_.is_in_use(*entry)) {
      entry->next_retired = retired_;
      retired_ = entry;
      ++count_of_retired_;
    } else {
      text_entry::free(entry);
    }
  }
  kept_retired_ = count_of_retired_;
}

}  // namespace querytap::detail
