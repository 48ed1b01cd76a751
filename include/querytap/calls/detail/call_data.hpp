#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/phase.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {

class ledger;

/// What an operation knows of its call, besides the statement and how it failed.
///
/// Units    ticks of the recorder's clock, and nanoseconds.
/// What has no value here is made when it is needed: an operation is not to pay for all of it.
struct call_data {
  code_location site;
  std::uint64_t begin;        // ticks
  std::uint64_t end;          // ticks
  std::uint64_t nanoseconds;  // in between
  std::uint64_t rows;         // if has_rows
  std::uint64_t parameters;   // if has_parameters: their keyed hash
  const ledger* began_in;     // of the request that the thread worked for then; null without one
  std::uint64_t covered_at_begin;  // nanoseconds that this ledger knew of then
  std::uint64_t phase_begin;       // ticks, if has_phases; of the one that it is in
  std::uint64_t told_in_phase;     // nanoseconds of it that were another one's, if has_phases
  std::uint32_t retries = 0;
  bool has_rows = false;
  bool has_parameters = false;
  bool failed = false;
  bool has_phases = false;  // else all of it is one phase
  phase current_phase = phase::execute;
  std::array<std::uint64_t, phases> phase_nanoseconds;  // if has_phases
};

/// What a decorator can tell of a call, if it turns out to be worth telling.
struct call_extras {
  std::uint64_t full_scan_steps = 0;
  std::uint64_t sorts = 0;
  std::uint64_t automatic_index_rows = 0;
  // Kinds and sizes of the parameters; never their values.
  std::array<char, 96> parameters{};
  std::uint8_t parameters_size = 0;
};

}  // namespace querytap::detail
