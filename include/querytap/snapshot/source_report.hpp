#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/base/statement_identity.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {

struct metric;

/// What a server has counted for one statement, by all of its clients, since `since`.
struct server_statement {
  std::shared_ptr<const statement_identity> statement = nullptr;
  std::string database = {};  ///< as `db.namespace` of the application's calls has it; empty: any
  /// The server counts all forms of the operation together, such as every SET, however many options it has: the
  /// application's statements with this one's summary are meant.
  bool is_whole_operation = false;
  std::uint64_t calls = 0;
  std::chrono::nanoseconds time{};             ///< of execution, in all
  std::optional<std::uint64_t> rows = {};      ///< returned or changed
  std::optional<std::uint64_t> examined = {};  ///< rows read to find them
  std::optional<std::uint64_t> blocks_read = {};
  std::optional<std::uint64_t> blocks_hit = {};
  std::optional<std::uint64_t> spilled_bytes = {};  ///< written to temporary files
  std::optional<std::uint64_t> errors = {};
};

/// A statement as the application and the server saw it over the same time.
struct joined_statement {
  server_statement server = {};    ///< what it has counted since the first look at it
  std::uint64_t client_calls = 0;  ///< since then too
  std::chrono::nanoseconds client_time{};
  std::string remark = {};  ///< why the two numbers of calls differ; empty if they do not

  /// What a call took that the server knows nothing of: network, pool and driver. Per call, since the
  /// server may have counted other clients' calls as well. Negative where those are faster.
  [[nodiscard]] std::chrono::nanoseconds outside_server() const noexcept {
    if (client_calls == 0 || server.calls == 0) return {};
    return client_time / static_cast<std::int64_t>(client_calls) -
           server.time / static_cast<std::int64_t>(server.calls);
  }
};

/// Something that a source does not offer, and why.
struct unavailable_part {
  std::string name = {};    ///< a metric, a view or a section
  std::string reason = {};  ///< such as `needs the role pg_monitor`
};

enum class source_state : std::uint8_t {
  waiting,  ///< for its first values
  fresh,
  stale,   ///< the last values are older than they should be
  absent,  ///< there are no values, or they are so old that they are left out
};

[[nodiscard]] constexpr std::string_view to_string(source_state state) noexcept {
  switch (state) {
    case source_state::waiting: return "waiting";
    case source_state::fresh: return "fresh";
    case source_state::stale: return "stale";
    case source_state::absent: break;
  }
  return "absent";
}

/// What a server, the host or the process said of itself when it was last asked.
///
/// Threads  immutable once published.
struct source_report {
  std::string name = {};  ///< of the collector
  source_state state = source_state::waiting;
  std::chrono::system_clock::time_point time = {};  ///< of the values; epoch: there are none
  std::chrono::nanoseconds duration{};              ///< of the last collection
  std::string error = {};                           ///< why the last collection failed; else empty
  std::vector<std::shared_ptr<const metric>> metrics = {};  ///< each instrument once
  std::vector<joined_statement> statements = {};            ///< those that took longest first
  std::vector<unavailable_part> unavailable = {};
};

}  // namespace querytap
