#include "pending_calls.hpp"

#include <exception>

namespace querytap::libpq::detail {

void pending_call::begin_preparing(std::string_view prepared) noexcept {
  try {
    name = prepared;
    prepares = true;
  } catch (const std::exception&) {
    // Without memory a failure leaves the name as it is.
  }
}

void pending_call::search_for(const statement& statement,
                              std::optional<std::uint64_t> neighbours) noexcept {
  if (!neighbours) return;
  search = statement_handle{statement};
  asked = *neighbours;
}

void pending_call::clear() noexcept {
  timing.reset();
  is_sync = is_sent = has_result = is_complete = has_failed = copies_out = has_rows = false;
  rows = begin = batch_size = 0;
  site = {};
  parameters.clear();
  search = {};
  asked = 0;
  further.clear();
  begun = 0;
  prepares = false;
  name.clear();
  replaced = {};
}

pending_call* pending_calls::push() noexcept {
  try {
    if (free_.empty()) free_.emplace_back();
  } catch (const std::exception&) {
    return nullptr;
  }
  calls_.splice(calls_.end(), free_, free_.begin());
  return &calls_.back();
}

void pending_calls::release(list::iterator call) noexcept {
  call->clear();
  if (free_.size() < most_free) {
    free_.splice(free_.begin(), calls_, call);
  } else {
    calls_.erase(call);
  }
}

}  // namespace querytap::libpq::detail
