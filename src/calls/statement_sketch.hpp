#pragma once

#include <querytap/calls/statement.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace querytap::detail {

/// The heaviest of any number of statements by name, in fixed memory. A new statement evicts the
/// lightest one, and inherits its weight as what may have been overlooked: each statement that took
/// more than a 4,096th of the time of all is in the sketch. So large that hardly ever a statement in use is evicted,
/// which would have to be identified again at its next call.
///
/// Threads  one at a time, under a parts_lock; the statements are in use by any number meanwhile.
/// Cost     of an eviction: some steps of a heap. Some 1 KiB for a statement.
/// Source   Metwally, Agrawal, El Abbadi: Efficient Computation of Frequent and Top-k Elements in
///          Data Streams, 2005 ("space saving"), weighted by time.
class statement_sketch {
 public:
  static constexpr std::size_t capacity = 4096;
  static constexpr std::size_t most_shown = 256;  // of a backend in a snapshot

  statement_sketch() = default;
  statement_sketch(const statement_sketch&) = delete;
  statement_sketch& operator=(const statement_sketch&) = delete;
  ~statement_sketch() { clear(); }

  /// Null if the statement is not among the heaviest so far.
  [[nodiscard]] ref<const statement> find(std::uint64_t fingerprint) const;
  void add(const ref<const statement>& fresh);
  /// For when there is room for series again: marks the statements stale, so that they are looked
  /// up anew.
  void clear();
  void add_to(snapshot& snapshot) const;
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [fingerprint, entry] : entries_) visit(entry);
  }

 private:
  /// Weights only grow: that of an entry which was looked at before is too low, if it is not right.
  struct seen_weight {
    std::uint64_t nanoseconds;
    std::uint64_t fingerprint;
  };

  [[nodiscard]] ref<const statement> remove_lightest();
  void push(const statement& entry);

  absl::flat_hash_map<std::uint64_t, ref<const statement>> entries_;  // by fingerprint
  std::vector<seen_weight> by_weight_;                                // a heap, the lightest first
};

}  // namespace querytap::detail
