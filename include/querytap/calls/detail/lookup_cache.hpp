#pragma once

#include <querytap/calls/detail/ref_counted.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// What the threads of the process have lately found for a text: the statement of a query, the
/// series of a request name. Keyed by the text itself. A repeat costs one comparison if the thread
/// has found the text at the same address before, as a string literal is, and otherwise a hash and a
/// comparison.
///
///     const ref_counted* known = lookup_cache::find(owner, sql);
///     if (known == nullptr) lookup_cache::insert(owner, sql, find_slowly(sql));
///
/// Threads  any number at once: each finds what any other one has inserted. Nobody waits to find
///          something; an insertion takes a lock.
/// Cost     some 15 ns for 200 bytes, more where the texts do not fit into the processor's cache,
///          bench/calls/statement_bench.cpp; no lock, no allocation when found. 16,384 texts of at
///          most 4 KiB, and of 8 MiB together, for the whole process; besides, 16 KiB for each
///          thread. A new text evicts one that was not used lately.
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

  /// Releases all stale values but those that a thread has found last.
  static void purge_stale() noexcept;
};

}  // namespace querytap::detail
