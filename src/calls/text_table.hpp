#pragma once

#include "asymmetric_fence.hpp"
#include "text_entry.hpp"
#include "text_readers.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace querytap::detail {

/// What the threads of the process have lately found for a text. A reader takes no lock and never
/// waits: it says which entry it is about to use, and uses it if the entry is still in its place
/// then. An entry that was removed is freed once no reader says so.
///
/// A text may stand in any of the places of one set. Where all are taken, one that was not used
/// lately makes room: texts that are never repeated evict one another, not those that are.
///
/// Threads  any number at once; insertions take a lock, as does whatever removes entries.
/// Cost     1 MiB of address space, of which as much is in use as there are texts; 8 MiB of
///          entries at most, and a few that are not freed yet: one for each thread, and 64.
/// ORDER    an entry is published in its place with release and reached with acquire, so that a
///          reader sees it whole. A reader's `in_use` and its second look at the place, and a writer's
///          removal and its look at `in_use`, are ordered by a fence on either side: whichever comes
///          last sees what the other did. Keys and the number of sets are relaxed: a reader that sees an
///          old one finds nothing, or compares the wrong text.
/// Lifetime an empty table is all zeros, so that a static one takes no room in the program's file.
class text_table {
 public:
  static constexpr std::size_t ways = 8;
  static constexpr std::size_t most_sets = 8192;
  static constexpr std::size_t most_places = most_sets * ways;
  // A quarter of the places, so that hardly ever more texts fall into a set than it has places.
  static constexpr std::size_t most_texts = most_places / 4;
  static constexpr std::size_t most_bytes = std::size_t{8} << 20;

  constexpr text_table() noexcept = default;
  text_table(const text_table&) = delete;
  text_table& operator=(const text_table&) = delete;
  ~text_table();

  /// The place of a text, in which the reader now uses its entry.
  [[nodiscard]] std::optional<std::uint32_t> find(text_reader& reader, std::uint64_t owner,
                                                  std::string_view text,
                                                  std::uint64_t key) const noexcept {
    // Which of the places it is cannot be predicted: all are looked at, without a branch.
    const std::size_t first = first_place(key);
    std::size_t likely = first;
    for (std::size_t i = first; i < first + ways; ++i) {
      likely = places_[i].key.load(std::memory_order_relaxed) == key ? i : likely;
    }
    if (use(reader, likely, owner, text)) [[likely]]
      return static_cast<std::uint32_t>(likely);
    return find_among_equal_keys(reader, owner, text, key);
  }

  /// Whether the text stands in this place: then the reader now uses its entry, else none.
  [[nodiscard]] bool use(text_reader& reader, std::size_t index, std::uint64_t owner,
                         std::string_view text) const noexcept {
    const std::atomic<text_entry*>& entry = places_[index].entry;
    const text_entry* const seen = entry.load(std::memory_order_acquire);
    if (seen == nullptr) return false;
    reader.in_use.store(seen, std::memory_order_release);
    fence_of_reader();
    // An entry that is replaced meanwhile by another one at the same address is as good.
    if (entry.load(std::memory_order_acquire) == seen && seen->is_of(owner, text) &&
        !seen->value().is_stale()) {
      seen->set_used();
      return true;
    }
    reader.in_use.store(nullptr, std::memory_order_release);
    return false;
  }

  /// The reader uses the entry then. False if nothing is inserted: without memory.
  bool insert(text_reader& reader, std::uint64_t owner, std::string_view text, std::uint64_t key,
              const ref_counted& value) noexcept;
  /// Removes the entries whose value is stale.
  void purge_stale() noexcept;

  [[nodiscard]] text_readers& readers() noexcept { return readers_; }
  /// Around a fork; the child goes on with the reader of its one thread.
  void lock() noexcept { mutex_.lock(); }
  void unlock() noexcept { mutex_.unlock(); }
  void forget_threads_of_parent(const text_reader* own) noexcept {
    renew_fences();
    readers_.forget_others(own);
  }

 private:
  static constexpr std::size_t first_sets = 64;
  static constexpr std::size_t retired_at_once = 64;

  struct place {
    std::atomic<std::uint64_t> key{0};
    std::atomic<text_entry*> entry{nullptr};
  };

  [[nodiscard]] std::size_t first_place(std::uint64_t key) const noexcept {
    return (key & (added_sets_.load(std::memory_order_relaxed) + (first_sets - 1))) * ways;
  }

  // Only who holds mutex_ changes it.
  [[nodiscard]] std::size_t count_of_sets() const noexcept {
    return first_sets + added_sets_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::optional<std::uint32_t> find_among_equal_keys(
      text_reader& reader, std::uint64_t owner, std::string_view text,
      std::uint64_t key) const noexcept;

  // The caller of these functions holds mutex_.
  [[nodiscard]] place* find_place(std::uint64_t owner, std::string_view text,
                                  std::uint64_t key) noexcept;
  [[nodiscard]] place& place_for(std::uint64_t key) noexcept;
  void put(place& taken, text_entry& fresh) noexcept;
  void remove(place& taken) noexcept;
  void remove_stale(std::size_t first, std::size_t count) noexcept;
  void remove_all() noexcept;
  void make_room(const text_entry& spared) noexcept;
  void grow() noexcept;
  [[nodiscard]] bool must_free() const noexcept {
    return count_of_retired_ >= kept_retired_ + retired_at_once;
  }
  void free_retired() noexcept;

  // A line holds four places, so that the two lines of a set are read as one.
  alignas(128) std::array<place, most_places> places_{};
  std::atomic<std::size_t> added_sets_{0};  // to the first ones
  text_readers readers_;

  std::mutex mutex_;  // guards what follows, and every change of places_
  bool closed_ = false;
  std::size_t texts_ = 0;
  std::size_t bytes_ = 0;
  std::size_t last_evicted_ = 0;    // of any set
  std::size_t next_make_room_ = 0;  // a place
  text_entry* retired_ = nullptr;   // removed, but maybe in use
  std::size_t count_of_retired_ = 0;
  std::size_t kept_retired_ = 0;  // of them at the last look, as they were in use
};

}  // namespace querytap::detail
