#pragma once

#include <querytap/base/features.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// Where the time of one request went, by kind of backend, in fixed memory.
///
/// Threads  one at a time.
class ledger {
 public:
  struct entry {
    std::string_view system;  // alive as long as the recorder
    std::uint64_t operations = 0;
    std::uint64_t nanoseconds = 0;
  };

  /// More kinds of backends than there is room for are told together, as `_OTHER`.
  void add(std::string_view system, std::uint64_t nanoseconds,
           std::uint64_t operations = 1) noexcept {
    entry& to = entry_of(system);
    to.operations += operations;
    to.nanoseconds += nanoseconds;
  }

  [[nodiscard]] const entry* begin() const noexcept { return entries_.data(); }
  [[nodiscard]] const entry* end() const noexcept { return entries_.data() + used_; }

 private:
  [[nodiscard]] entry& entry_of(std::string_view system) noexcept {
    for (std::size_t i = 0; i < used_; ++i) {
      const std::string_view known = entries_[i].system;
      // The name of one backend mostly stands at one address.
      if (known.data() == system.data() || known == system) return entries_[i];
    }
    if (used_ == entries_.size()) return entries_.back();
    entries_[used_].system = used_ + 1 < entries_.size() ? system : "_OTHER";
    return entries_[used_++];
  }

  std::array<entry, 8> entries_{};
  std::size_t used_ = 0;
};

/// The ledger of the request that this thread works for; null without one.
extern thread_local constinit ledger* current_ledger QUERYTAP_INITIAL_EXEC;

/// Out of line, because an operation outside of a request would pay 4 ns for the room that it takes.
void add_to_current_ledger(std::string_view system, std::uint64_t nanoseconds) noexcept;

}  // namespace querytap::detail
