#pragma once

#include <querytap/calls/statement.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace querytap::detail {

/// Keeps the heaviest of any number of statements named, in fixed memory. A new statement takes the
/// place of the lightest one, and inherits its weight as what may have been overlooked: whatever took
/// more than a 256th of the time of all is in it.
///
/// Threads  one at a time, under an owners_lock; the statements are in use by any number meanwhile.
/// Source   Metwally, Agrawal, El Abbadi: Efficient Computation of Frequent and Top-k Elements in
///          Data Streams, 2005 ("space saving"), weighted by time.
class statement_sketch {
 public:
  static constexpr std::size_t size = 256;

  /// Null if it is not among the heaviest so far.
  [[nodiscard]] ref<const statement> find(std::uint64_t fingerprint) const;
  void add(const ref<const statement>& fresh);
  /// There is room for series again: the statements are to be looked up anew.
  void clear();
  void add_to(snapshot& now) const;

 private:
  absl::flat_hash_map<std::uint64_t, ref<const statement>> entries_;  // by fingerprint
};

}  // namespace querytap::detail
