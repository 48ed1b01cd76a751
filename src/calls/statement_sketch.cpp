#include "statement_sketch.hpp"

#include "sketched_cost.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace querytap::detail {

ref<const statement> statement_sketch::find(std::uint64_t fingerprint) const {
  const auto known = entries_.find(fingerprint);
  return known == entries_.end() ? ref<const statement>{} : known->second;
}

void statement_sketch::add(const ref<const statement>& fresh) {
  if (entries_.size() == capacity) {
    const ref<const statement> evicted = remove_lightest();
    // A thread that has it cached looks it up again, so that it has its chance to come back.
    evicted->set_stale(true);
    fresh->weight()->inherited.store(evicted->weight()->at_most(), std::memory_order_relaxed);
  }
  push(*fresh);
  entries_.emplace(fresh->identity().fingerprint, fresh);  // without memory: only in by_weight_
}

void statement_sketch::push(const statement& entry) {
  by_weight_.push_back({entry.weight()->at_most(), entry.identity().fingerprint});
  std::ranges::push_heap(by_weight_, std::ranges::greater{}, &seen_weight::nanoseconds);
}

// Weights may grow as fast as they are looked at. Once each has been looked at, the lightest was the
// lightest a moment ago, which is enough.
ref<const statement> statement_sketch::remove_lightest() {
  for (std::size_t looks = 0;; ++looks) {
    std::ranges::pop_heap(by_weight_, std::ranges::greater{}, &seen_weight::nanoseconds);
    const seen_weight seen = by_weight_.back();
    by_weight_.pop_back();
    const auto lightest = entries_.find(seen.fingerprint);
    if (lightest == entries_.end()) continue;
    const bool is_right = lightest->second->weight()->at_most() == seen.nanoseconds;
    if (is_right || looks >= capacity) {
      return std::move(entries_.extract(lightest).mapped());
    }
    push(*lightest->second);
  }
}

void statement_sketch::clear() {
  for (const auto& [fingerprint, statement] : entries_) statement->set_stale(true);
  entries_.clear();
  by_weight_.clear();
}

void statement_sketch::add_to(snapshot& snapshot) const {
  std::vector<sketched_statement>& all = snapshot.overflowed;
  const auto others = static_cast<std::ptrdiff_t>(all.size());
  for (const auto& [fingerprint, statement] : entries_) {
    const sketched_cost& weight = *statement->weight();
    const std::uint64_t calls = weight.calls.load(std::memory_order_relaxed);
    if (calls == 0) continue;
    all.push_back({std::string{statement->system()}, statement->shared_identity(), calls,
                   weight.nanoseconds.load(std::memory_order_relaxed),
                   weight.inherited.load(std::memory_order_relaxed)});
  }
  // The statements of one backend do not push out those of another, whose calls may all be shorter.
  constexpr auto by_weight = &sketched_statement::nanoseconds;
  std::ranges::sort(all.begin() + others, all.end(), std::ranges::greater{}, by_weight);
  all.resize(std::min(all.size(), static_cast<std::size_t>(others) + most_shown));
  std::ranges::inplace_merge(all, all.begin() + others, std::ranges::greater{}, by_weight);
}

}  // namespace querytap::detail
