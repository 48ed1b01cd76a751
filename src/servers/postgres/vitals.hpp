#pragma once

#include "session.hpp"

#include <querytap/servers/postgres/postgres_probe.hpp>
#include <querytap/snapshot/health_report.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace querytap::detail {

/// What a server says of itself at one instant. Nothing: it does not apply, or the user may not see it.
struct postgres_vitals {
  bool is_standby = false;
  bool is_read_only = false;  ///< by default_transaction_read_only of the server or the database
  bool sees_all = true;       ///< sessions of other users too

  std::int64_t connections = 0;
  std::int64_t max_connections = 0;  ///< without those reserved
  std::int64_t transaction_age = 0;
  std::int64_t multixact_age = 0;
  std::optional<double> longest_transaction = {};  ///< seconds, as all durations here
  std::optional<double> idle_in_transaction = {};
  std::int64_t idle_in_transactions = 0;
  std::int64_t blocked = 0;
  std::optional<double> longest_blocked = {};
  std::int64_t prepared = 0;
  std::optional<double> oldest_prepared = {};

  // Of a primary, of the standby that is furthest behind:
  std::int64_t standbys = 0;
  std::optional<double> standby_lag = {};
  std::optional<std::int64_t> standby_lag_bytes = {};
  // Of a standby:
  bool receives = false;
  bool is_replay_paused = false;
  std::optional<double> replay_lag = {};
  std::optional<std::int64_t> replay_lag_bytes = {};

  std::int64_t lost_slots = 0;
  std::string lost_slot = {};
  std::optional<std::int64_t> held_wal = {};  ///< bytes, by the slot that holds most
  std::string holding_slot = {};

  std::optional<std::int64_t> checksum_failures = {};
  std::optional<std::int64_t> invalid_indexes = {};
};

/// One round trip.
[[nodiscard]] postgres_vitals vitals_of(postgres_session& session, bool with_indexes,
                                        postgres_session::deadline until);

[[nodiscard]] health_answer judged(const postgres_vitals& vitals,
                                   const postgres_probe_options& options);

}  // namespace querytap::detail
