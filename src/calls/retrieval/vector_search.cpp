#include <querytap/calls/retrieval/vector_search.hpp>

#include "collection_state.hpp"

namespace querytap {
namespace {

void add_to(std::atomic<std::uint64_t>& count, std::uint64_t value) noexcept {
  count.fetch_add(value, std::memory_order_relaxed);
}

}  // namespace

vector_search::vector_search(detail::collection_state& collection,
                             detail::under_return_entry* entry, const statement& statement,
                             std::uint64_t k, std::uint64_t vectors, bool has_threshold,
                             code_location site) noexcept
    : operation_{statement, site},
      collection_{&collection},
      entry_{entry},
      statement_{&statement},
      site_{site},
      k_{k},
      vectors_{vectors},
      has_threshold_{has_threshold} {}

void vector_search::returned(std::uint64_t count, std::span<const double> distances,
                             std::span<const std::uint64_t> passages) noexcept {
  returned_ += count;
  operation_.rows(returned_);
  collection_->record(
      {.asked = k_, .returned = count, .distances = distances, .passages = passages});
  if (entry_ != nullptr) add_to(entry_->searches, 1);
  if (count < k_) note_short(count);
}

void vector_search::stop_clock() noexcept {
  operation_.finish([this](detail::call_extras& extras) {
    if (vectors_ > 1) extras.batch_size = vectors_;
  });
}

void vector_search::note_short(std::uint64_t count) noexcept {
  if (entry_ != nullptr) {
    add_to(entry_->short_searches, 1);
    add_to(entry_->asked, k_);
    add_to(entry_->returned, count);
  }
  if (has_threshold_) return collection_->count_short(detail::under_return_reason::threshold);
  // Further vectors of one call count under the reason known so far: one of them is looked into.
  if (searched_ != nullptr) {
    collection_->count_short(entry_ == nullptr ? detail::under_return_reason::unknown
                                               : entry_->reason.load(std::memory_order_relaxed));
  }
  if (searched_ == nullptr) searched_ = statement_->shared_identity();
}

bool vector_search::begin_count() noexcept {
  if (entry_ == nullptr) return false;
  count_begin_ = collection_->nanoseconds();
  return collection_->claim_count(*entry_, count_begin_);
}

void vector_search::end_count(bool is_known, std::uint64_t count) noexcept {
  using detail::under_return_reason;
  collection_->plan_next_count(*entry_, count_begin_);
  under_return_reason reason = under_return_reason::unknown;
  if (is_known)
    reason = count < k_ ? under_return_reason::corpus : under_return_reason::search_width;
  entry_->reason.store(reason, std::memory_order_relaxed);
  if (reason == under_return_reason::search_width)
    collection_->publish_finding(searched_, *entry_, k_, count, site_);
}

void vector_search::finish() noexcept {
  stop_clock();
  if (searched_ == nullptr) return;
  searched_ = nullptr;
  collection_->count_short(entry_ == nullptr ? detail::under_return_reason::unknown
                                             : entry_->reason.load(std::memory_order_relaxed));
}

}  // namespace querytap
