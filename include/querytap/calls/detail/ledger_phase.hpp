#pragma once

#include <querytap/base/phase.hpp>

#include <cstdint>
#include <string_view>

namespace querytap {

class clock;

namespace detail {

class ledger;

/// A phase before the calls that it is for, from its construction to its destruction: in the ledger
/// of the current request, if there is one.
class ledger_phase {
 public:
  /// Without a system the phase belongs to the backend that is called next; where none is called, to
  /// `fallback`, unless it is empty.
  ledger_phase(const clock& time, phase phase, std::string_view system = {},
               std::string_view fallback = {}) noexcept;
  ~ledger_phase();
  ledger_phase(const ledger_phase&) = delete;
  ledger_phase& operator=(const ledger_phase&) = delete;

 private:
  const clock& time_;
  const phase phase_;
  const std::string_view system_;
  const std::string_view fallback_;
  ledger* const ledger_;  // of whichever recorder: a phase names no statement
  std::uint64_t begin_ = 0;
  std::uint64_t covered_at_begin_ = 0;
};

}  // namespace detail
}  // namespace querytap
