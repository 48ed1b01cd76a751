#pragma once

#include <querytap/calls/detail/folded_product.hpp>
#include <querytap/calls/transaction.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::mongodb::detail {

/// The open transactions of one client or pool, by their session.
///
/// Threads  any number at once, each with a session that no other has, as libmongoc demands.
/// Cost     32 loads at most, of a command in a transaction; others do not come here. No lock.
/// ORDER    a place is claimed with acquire and given up with release, so that its next session finds
///          it as the one before has left it.
class open_sessions {
 public:
  /// Null where it is unknown.
  [[nodiscard]] transaction* find(std::string_view session) noexcept {
    const std::uint64_t key = key_of(session);
    for (place& each : places_) {
      if (each.key.load(std::memory_order_acquire) == key) return &each.open;
    }
    return nullptr;
  }
  /// Null where all places are taken: that transaction is not measured.
  [[nodiscard]] transaction* find_or_claim(std::string_view session) noexcept {
    if (transaction* const known = find(session)) return known;
    for (place& each : places_) {
      std::uint64_t expected = 0;
      if (each.key.compare_exchange_strong(expected, key_of(session), std::memory_order_acquire,
                                           std::memory_order_relaxed)) {
        return &each.open;
      }
    }
    return nullptr;
  }
  void end(transaction& open, transaction_end how, code_location site) noexcept {
    open.end(how, site);
    for (place& each : places_) {
      if (&each.open == &open) each.key.store(0, std::memory_order_release);
    }
  }
  /// What is open is given up; no command may run.
  void end_all() noexcept {
    for (place& each : places_) {
      if (each.key.load(std::memory_order_acquire) != 0)
        each.open.end(transaction_end::rolled_back, {});
    }
  }

 private:
  struct place {
    std::atomic<std::uint64_t> key{0};
    transaction open;
  };

  // Of 16 random bytes, behind their size and kind.
  [[nodiscard]] static std::uint64_t key_of(std::string_view session) noexcept {
    std::uint64_t key = 0xD6E8FEB86659FD93;
    for (std::size_t at = 0; at + 8 <= session.size(); at += 8) {
      key = querytap::detail::folded_product(key ^ querytap::detail::word_at(session.data() + at),
                                             0x9E3779B97F4A7C15);
    }
    if (session.size() >= 8) {
      key ^= querytap::detail::word_at(session.data() + session.size() - 8);
    }
    return key == 0 ? 1 : key;
  }

  std::array<place, 32> places_;
};

}  // namespace querytap::mongodb::detail
