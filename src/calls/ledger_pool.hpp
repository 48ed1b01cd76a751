#pragma once

namespace querytap::detail {

class ledger;

/// Ledgers that this thread has used before, so that a request allocates none.
///
/// Threads  each thread has a few; a ledger may be given back on a thread that did not take it.
/// Errors   null without memory.
[[nodiscard]] ledger* take_ledger() noexcept;
void give_back(ledger* used) noexcept;

}  // namespace querytap::detail
