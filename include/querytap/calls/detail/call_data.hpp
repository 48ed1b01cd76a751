#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/phase.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace querytap {
class transaction;
}

namespace querytap::detail {

class ledger;

/// What an operation knows of its call, besides the statement and how it failed.
///
/// Units    ticks of the recorder's clock, and nanoseconds.
/// Cost     no member has an initialiser: begin() sets those that a call always needs, and an
///          operation does not pay for those that it does not use.
struct call_data {
  code_location site;
  std::uint64_t begin;        // ticks
  std::uint64_t end;          // ticks
  std::uint64_t nanoseconds;  // in between
  std::uint64_t rows;         // if has_rows
  std::uint64_t parameters;   // if has_parameters: their keyed hash
  const ledger* began_in;     // the thread's current one at the begin; null outside of a request
  std::uint64_t covered_at_begin;   // nanoseconds that began_in had covered at the begin
  std::uint64_t phase_begin;        // ticks, if has_phases; of current_phase
  std::uint64_t reported_in_phase;  // nanoseconds since phase_begin of other phases, if has_phases
  querytap::transaction* open;      // of the call's connection; null outside of one
  std::uint64_t open_number;        // of that transaction, if there is one
  std::uint32_t retries;
  bool has_rows;
  bool has_parameters;
  bool failed;
  bool has_phases;  // else all of the call is current_phase
  bool is_plain;    // all of the call is `execute`: set with the two members around this
  phase current_phase;
  std::array<std::uint64_t, phases> phase_nanoseconds;  // if has_phases
};

/// What a decorator adds to the report of a call, if there is one.
struct call_extras {
  std::uint64_t full_scan_steps = 0;
  std::uint64_t sorts = 0;
  std::uint64_t automatic_index_rows = 0;
  std::uint64_t vm_steps = 0;
  std::uint64_t reprepares = 0;
  std::uint64_t filter_hits = 0;
  std::uint64_t filter_misses = 0;
  std::uint64_t statement_memory = 0;
  std::uint64_t database_file = 0;
  std::uint64_t batch_size = 0;
  std::optional<std::uint64_t> affected_rows = {};
  bool used_no_index = false;
  std::array<char, 5> sqlstate{};
  std::uint8_t sqlstate_size = 0;
  // Kinds and sizes of the parameters; never their values.
  std::array<char, 96> parameters{};
  std::uint8_t parameters_size = 0;
};

}  // namespace querytap::detail
