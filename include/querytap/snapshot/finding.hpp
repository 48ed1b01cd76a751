#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/base/statement_identity.hpp>
#include <querytap/snapshot/call_site.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap {

enum class finding_kind : std::uint8_t {
  n_plus_one,           ///< one statement over and over from one line, where one call would do
  duplicate,            ///< the same statement with the same parameters twice in a request
  hung,                 ///< a call that is still running
  seq_scan,             ///< all of a large table is read for few rows
  missing_index,        ///< an index that would serve
  automatic_index,      ///< the server builds an index for one call, and drops it again
  spill,                ///< a sort or hash that does not fit into memory
  bad_estimate,         ///< the planner expects 100 times more or fewer rows than there are
  plan_change,          ///< a statement is executed in another way than before
  pool_exhausted,       ///< callers wait for a pool, all of whose objects are lent
  connection_held,      ///< an object of a pool is lent for long
  pool_size,            ///< the maximum of a pool does not fit its load
  nested_connection,    ///< a thread that has an object of a pool waits for another one of it
  idle_in_transaction,  ///< nothing is called for long while a transaction is open
  io_in_transaction,    ///< another backend is called while a transaction is open
  lost_session,         ///< a client went on in a new session, without the state of the old one
  budget_exceeded,      ///< a tenant has spent more on models than its budget
  under_return,         ///< a search for the nearest returns too few although there are more
  keyspace_scan,        ///< all keys of a server are read at once, and nobody is served meanwhile
  large_reply,          ///< a server answers with more at once than it should
  missing_expiry,       ///< a key of a cache is written so that it stays for ever
  unhealthy,            ///< a component is not well any more
  recovered,            ///< a component is well again
  flapping,             ///< a component fails and succeeds by turns
};

/// As `querytap.finding.kind` has it.
[[nodiscard]] constexpr std::string_view to_string(finding_kind kind) noexcept {
  switch (kind) {
    case finding_kind::n_plus_one: return "n_plus_one";
    case finding_kind::duplicate: return "duplicate";
    case finding_kind::hung: return "hung";
    case finding_kind::seq_scan: return "seq_scan";
    case finding_kind::missing_index: return "missing_index";
    case finding_kind::automatic_index: return "automatic_index";
    case finding_kind::spill: return "spill";
    case finding_kind::bad_estimate: return "bad_estimate";
    case finding_kind::plan_change: return "plan_change";
    case finding_kind::pool_exhausted: return "pool_exhausted";
    case finding_kind::connection_held: return "connection_held";
    case finding_kind::pool_size: return "pool_size";
    case finding_kind::nested_connection: return "nested_connection";
    case finding_kind::idle_in_transaction: return "idle_in_transaction";
    case finding_kind::io_in_transaction: return "io_in_transaction";
    case finding_kind::lost_session: return "lost_session";
    case finding_kind::budget_exceeded: return "budget_exceeded";
    case finding_kind::under_return: return "under_return";
    case finding_kind::keyspace_scan: return "keyspace_scan";
    case finding_kind::large_reply: return "large_reply";
    case finding_kind::missing_expiry: return "missing_expiry";
    case finding_kind::unhealthy: return "unhealthy";
    case finding_kind::recovered: return "recovered";
    case finding_kind::flapping: break;
  }
  return "flapping";
}

/// Something that a person should know, with its evidence and what to do about it.
///
/// Threads  a plain value, shared once made.
struct finding {
  std::uint64_t number = 0;  ///< counts the recorder's new findings, from 1
  finding_kind kind = finding_kind::n_plus_one;
  std::string system = {};  ///< `db.system.name`
  std::shared_ptr<const statement_identity> statement =
      nullptr;  ///< null if no statement is concerned
  std::string table = {};
  std::string pool = {};       ///< `db.client.connection.pool.name`
  std::string tenant = {};     ///< whose budget is concerned
  std::string component = {};  ///< whose health is concerned
  call_site site = {};
  std::string request = {};         ///< name of the request in which it was found
  std::uint64_t calls = 0;          ///< concerned; 0: the finding does not count calls
  std::chrono::nanoseconds cost{};  ///< the time that those calls took
  std::string message = {};         ///< one sentence, with the numbers; no literals
  std::string advice = {};          ///< what to do
  attributes evidence = {};         ///< the numbers of the message, by name
  std::chrono::system_clock::time_point time = {};  ///< when last seen
  std::uint64_t seen = 1;                           ///< how often, from the first time on
};

}  // namespace querytap
