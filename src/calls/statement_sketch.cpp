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
    const statement& driven_out = *lightest->second;
    // Whoever still has it is to look it up again, so that it has its chance to come back.
    driven_out.set_stale(true);
    fresh->weight()->inherited.store(driven_out.weight()->at_most(), std::memory_order_relaxed);
    entries_.erase(lightest);
  }
  entries_.emplace(fresh->identity().fingerprint, fresh);
}

void statement_sketch::clear() {
  for (const auto& [fingerprint, one] : entries_) one->set_stale(true);
  entries_.clear();
}

void statement_sketch::add_to(snapshot& now) const {
  for (const auto& [fingerprint, one] : entries_) {
    const sketched_cost& weight = *one->weight();
    const std::uint64_t calls = weight.calls.load(std::memory_order_relaxed);
    if (calls == 0) continue;
    now.overflowed.push_back({std::string{one->system()}, one->shared_identity(), calls,
                              weight.nanoseconds.load(std::memory_order_relaxed),
                              weight.inherited.load(std::memory_order_relaxed)});
  }
  std::ranges::sort(now.overflowed, std::ranges::greater{}, &sketched_statement::nanoseconds);
}

}  // namespace querytap::detail
