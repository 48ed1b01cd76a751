#pragma once

#include <querytap/calls/detail/ref_counted.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace querytap::detail {

/// What this thread has lately found for a text: the statement of a query, the series of a request
/// name. Keyed by the text itself. A repeat costs one comparison if the text is at the same address
/// as before, as a string literal is, and otherwise a hash and a comparison.
///
///     const ref_counted* known = lookup_cache::find(owner, sql);
///     if (known == nullptr) lookup_cache::insert(owner, sql, find_slowly(sql));
///
/// Threads  each thread has its own cache, made on first use and freed with the thread.
/// Cost     some 15 ns for 200 bytes, bench/calls/statement_bench.cpp; no lock, no allocation when
///          found. 256 texts of at most 4 KiB; a new one evicts an old one.
/// Errors   none: without memory, or after the thread's storage is gone, nothing is found.
/// Lifetime a value that was found stays until this thread next inserts or finds something; retain
///          it for longer.
class lookup_cache {
 public:
  static constexpr std::size_t longest_text = 4096;

  /// `owner` is a unique id: nothing is ever found for an owner that no longer exists.
  [[nodiscard]] static const ref_counted* find(std::uint64_t owner, std::string_view text) noexcept;
  /// A text that is too long is not found again, but its value stays until the next such insertion.
  /// False if nothing is inserted: the thread's storage is gone, or there is no memory.
  static bool insert(std::uint64_t owner, std::string_view text, const ref_counted& value) noexcept;

  /// The same for a text in short-lived storage, whose hash is known.
  [[nodiscard]] static const ref_counted* find(std::uint64_t owner, std::string_view text,
                                               std::size_t hash) noexcept;
  static bool insert(std::uint64_t owner, std::string_view text, std::size_t hash,
                     const ref_counted& value) noexcept;

  /// Asks every thread to release its stale values. Each does when it next looks for something.
  static void purge_stale() noexcept;

 private:
  static constexpr std::size_t size = 256;
  // A text may stand in any of so many places that follow one another, so that a thread's few dozen
  // texts do not evict one another.
  static constexpr std::size_t places = 8;

  struct entry {
    std::uint64_t owner = 0;
    std::size_t hash = 0;
    ref<const ref_counted> value;
    std::string text;

    [[nodiscard]] bool matches(std::uint64_t sought_owner,
                               std::string_view sought_text) const noexcept {
      return owner == sought_owner && text == sought_text && !value->is_stale();
    }
  };
  struct cache_of_thread;

  [[nodiscard]] static lookup_cache* for_this_thread() noexcept;
  [[nodiscard]] const ref_counted* find_here(std::uint64_t owner, std::string_view text) noexcept;
  [[nodiscard]] entry* find_entry(std::uint64_t owner, std::string_view text,
                                  std::size_t hash) noexcept;
  [[nodiscard]] entry*& last_at_address(std::string_view text) noexcept;
  [[nodiscard]] entry& place(std::size_t hash, std::size_t index) noexcept {
    return entries_[(hash + index) % size];
  }
  [[nodiscard]] entry& place_for(std::size_t hash) noexcept;
  [[nodiscard]] bool insert_here(std::uint64_t owner, std::string_view text, std::size_t hash,
                                 const ref_counted& value) noexcept;
  void purge_if_requested() noexcept;
  void purge(std::uint64_t requested) noexcept;

  static thread_local constinit lookup_cache* current_;
  static thread_local constinit bool storage_is_gone_;
  // ORDER relaxed: a hint; a thread that overlooks a request sees it at a later look.
  static constinit std::atomic<std::uint64_t> purges_requested_;

  std::unique_ptr<entry[]> entries_ = std::make_unique<entry[]>(size);
  // The entry last found for a text of this address and size; to be compared before it is used.
  std::unique_ptr<entry*[]> by_address_ = std::make_unique<entry*[]>(size);
  ref<const ref_counted> last_without_text_;
  std::size_t last_evicted_ = 0;
  std::uint64_t purges_done_ = 0;
};

}  // namespace querytap::detail
