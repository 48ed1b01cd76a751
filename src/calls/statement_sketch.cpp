#include "statement_sketch.hpp"

#include "sketched_cost.hpp"

#include <algorithm>

namespace querytap::detail {

ref<const statement> statement_sketch::find(std::uint64_t fingerprint) const {
  const auto known = entries_.find(fingerprint);
  return known == entries_.end() ? ref<const statement>{} : known->second;
}

void statement_sketch::add(const ref<const statement>& fresh) {
  if (entries_.size() == size) {
    const auto lightest = std::ranges::min_element(
        entries_, {}, [](const auto& entry) { return entry.second->weight()->at_most(); });
    const statement& evicted = *lightest->second;
    // A thread that has it cached looks it up again, so that it has its chance to come back.
    evicted.set_stale(true);
    fresh->weight()->inherited.store(evicted.weight()->at_most(), std::memory_order_relaxed);
    entries_.erase(lightest);
  }
  entries_.emplace(fresh->identity().fingerprint, fresh);
}

void statement_sketch::clear() {
  for (const auto& [fingerprint, statement] : entries_) statement->set_stale(true);
  entries_.clear();
}

void statement_sketch::add_to(snapshot& snapshot) const {
  for (const auto& [fingerprint, statement] : entries_) {
    const sketched_cost& weight = *statement->weight();
    const std::uint64_t calls = weight.calls.load(std::memory_order_relaxed);
    if (calls == 0) continue;
    snapshot.overflowed.push_back({std::string{statement->system()}, statement->shared_identity(),
                                   calls, weight.nanoseconds.load(std::memory_order_relaxed),
                                   weight.inherited.load(std::memory_order_relaxed)});
  }
  std::ranges::sort(snapshot.overflowed, std::ranges::greater{}, &sketched_statement::nanoseconds);
}

}  // namespace querytap::detail
