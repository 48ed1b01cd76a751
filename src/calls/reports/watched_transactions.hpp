#pragma once

#include "../open_transaction.hpp"

#include <querytap/snapshot/finding.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace querytap {
class clock;
}

namespace querytap::detail {

/// The connections that have had a transaction: finds those whose transaction idles for long, each time
/// once while it lasts.
///
/// Threads  one at a time.
class watched_transactions {
 public:
  void add(const std::shared_ptr<const open_transaction>& shown, const backend_state& backend);
  /// Appends to `found`. `threshold` is in nanoseconds.
  void look(const clock& time, std::uint64_t threshold, std::string_view source_root,
            std::vector<finding>& found);
  /// In the child of a fork: what idles now is the parent's, and a later transaction of the connection is not.
  void start_from_zero() noexcept {
    for (connection& known : connections_) {
      if (const auto shown = known.shown.lock()) known.reported_since = shown->read().since;
    }
  }

 private:
  struct connection {
    std::weak_ptr<const open_transaction> shown;
    const backend_state* backend = nullptr;
    std::uint64_t reported_since = 0;  // ticks: the idle time that was reported last
  };

  void remove_ended();

  std::vector<connection> connections_;
  std::size_t remove_at_ = 64;
};

/// Of a transaction that is over.
[[nodiscard]] std::vector<finding> findings_of(const pending_transaction& pending,
                                               std::uint64_t idle_threshold,
                                               std::string_view source_root);

}  // namespace querytap::detail
