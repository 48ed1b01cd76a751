#include "heavy_statements.hpp"

#include "overflow_weight.hpp"

#include <algorithm>

namespace querytap::detail {

held<const statement> heavy_statements::find(std::uint64_t fingerprint) const {
  const auto known = entries_.find(fingerprint);
  return known == entries_.end() ? held<const statement>{} : known->second;
}

void heavy_statements::add(const held<const statement>& fresh) {
  if (entries_.size() == size) {
    const auto lightest = std::ranges::min_element(
        entries_, {}, [](const auto& entry) { return entry.second->weight()->at_most(); });
    const statement& driven_out = *lightest->second;
    // Whoever still has it is to look it up again, so that it has its chance to come back.
    driven_out.set_unwanted(true);
    fresh->weight()->inherited.store(driven_out.weight()->at_most(), std::memory_order_relaxed);
    entries_.erase(lightest);
  }
  entries_.emplace(fresh->identity().fingerprint, fresh);
}

void heavy_statements::clear() {
  for (const auto& [fingerprint, one] : entries_) one->set_unwanted(true);
  entries_.clear();
}

void heavy_statements::add_to(snapshot& now) const {
  for (const auto& [fingerprint, one] : entries_) {
    const overflow_weight& weight = *one->weight();
    const std::uint64_t calls = weight.calls.load(std::memory_order_relaxed);
    if (calls == 0) continue;
    now.overflowed.push_back({std::string{one->system()}, one->shared_identity(), calls,
                              weight.nanoseconds.load(std::memory_order_relaxed),
                              weight.inherited.load(std::memory_order_relaxed)});
  }
  std::ranges::sort(now.overflowed, std::ranges::greater{}, &overflowed_statement::nanoseconds);
}

}  // namespace querytap::detail
