#include "watched_transactions.hpp"

#include "../../analysis/transactions/transaction_findings.hpp"
#include "../backend_state.hpp"
#include "../request_series.hpp"
#include "make_reports.hpp"

#include <querytap/base/clock.hpp>

#include <algorithm>
#include <utility>

namespace querytap::detail {
void watched_transactions::add(const std::shared_ptr<const open_transaction>& shown,
                               const backend_state& backend) {
  if (connections_.size() >= remove_at_) remove_ended();
  connections_.push_back({shown, &backend, 0});
}

// Connections that come and go are not remembered for ever where nobody looks.
void watched_transactions::remove_ended() {
  std::erase_if(connections_, [](const connection& known) { return known.shown.expired(); });
  remove_at_ = 2 * connections_.size() + 64;
}

void watched_transactions::look(const clock& time, std::uint64_t threshold,
                                std::string_view source_root, std::vector<finding>& found) {
  remove_ended();
  for (connection& known : connections_) {
    const auto shown = known.shown.lock();
    if (shown == nullptr) continue;
    const open_transaction::idling idling = shown->read();
    if (idling.number == 0 || idling.since == known.reported_since) continue;
    const std::uint64_t idle = time.nanoseconds_between(idling.since, time.ticks());
    if (idle < threshold) continue;
    known.reported_since = idling.since;
    found.push_back(idle_transaction({.system = known.backend->options().system,
                                      .began_at = site_of(idling.began_at, source_root),
                                      .idle = as_chrono(idle),
                                      .idle_after = site_of(idling.after, source_root),
                                      .is_open = true}));
  }
}

std::vector<finding> findings_of(const pending_transaction& pending, std::uint64_t idle_threshold,
                                 std::string_view source_root) {
  observed_transaction ended{.system = pending.backend->options().system,
                             .began_at = site_of(pending.began_at, source_root),
                             .duration = as_chrono(pending.nanoseconds),
                             .idle = as_chrono(pending.idle),
                             .idle_after = site_of(pending.idle_after, source_root),
                             .idle_until = site_of(pending.idle_until, source_root)};
  if (pending.request != nullptr) ended.request = pending.request->name();
  std::vector<finding> found;
  if (pending.idle >= idle_threshold) found.push_back(idle_transaction(ended));
  if (pending.foreign.calls == 0) return found;
  const foreign_calls& foreign = pending.foreign;
  found.push_back(io_in_transaction(ended, {.system = std::string{foreign.system},
                                            .statement = foreign.statement,
                                            .site = site_of(foreign.site, source_root),
                                            .calls = foreign.calls,
                                            .time = as_chrono(foreign.nanoseconds)}));
  return found;
}

}  // namespace querytap::detail
