#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/snapshot/snapshot.hpp>
#include <querytap/snapshot/source_report.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace querytap::detail {

struct call_counts {
  std::uint64_t calls = 0;
  std::uint64_t failures = 0;
  std::chrono::nanoseconds time{};
};

/// What the application's calls of one statement of one database have come to: in each of its series, which are retired
/// and begin anew one by one.
struct client_statement {
  std::string summary = {};
  std::map<std::shared_ptr<const series_identity>, call_counts> by_series = {};
  std::uint64_t running = 0;
};

/// Database and fingerprint; the fingerprint 0 stands for calls without a statement, past the series limit.
using statement_place = std::pair<std::string, std::uint64_t>;
using client_statements = std::map<statement_place, client_statement>;

/// Those of all series that have these labels.
[[nodiscard]] client_statements client_statements_of(const snapshot& recorded,
                                                     const attributes& labels);

/// One look at a server.
struct server_look {
  const std::vector<server_statement>& statements;  ///< with the numbers as the server has them
  bool are_all = true;              ///< false: the server has further statements that are not there
  const client_statements& before;  ///< what the application's calls had come to shortly before,
  const client_statements& after;   ///< and shortly after
  /// Whether a statement is one that is asked for the sake of looking; null: none is.
  bool (*is_own)(const server_statement&) = nullptr;
  /// Whether the server has begun to count everything anew since the last look; nothing: it does not say, and numbers
  /// that fell tell.
  std::optional<bool> were_reset = {};
};

/// Puts beside each other what a server and the application have counted for a statement since the first look at
/// the server: only from then on have both counted the same calls. Both sides add up what has risen from look to look:
/// a server may be restarted, or drop a statement, and the application's series are retired when they idle.
///
/// Only statements that the application has called are told apart; those of others are one row without a text, and so
/// are those that are asked for the sake of looking.
///
/// Threads  one.
class statement_join {
 public:
  /// The costliest statements first, `most` at most.
  [[nodiscard]] std::vector<joined_statement> look(const server_look& look, std::size_t most);

 private:
  struct known_statement {
    server_statement last = {};     // as the server has it
    server_statement counted = {};  // since the first look
    bool was_reset = false;
    bool began_late = false;  // some of what it counts may be missing
    bool is_seen = false;
    int looks_unseen = 0;
  };
  struct known_client {
    std::string summary = {};
    client_statement last = {};  // as of `after`
    call_counts counted = {};    // since the first `after`
    call_counts first = {};      // between the first `before` and `after`
  };
  /// Of the calls that the server may have counted, the fewest and the most.
  struct client_bounds {
    call_counts counted = {};
    std::uint64_t least = 0;
    std::uint64_t most = 0;
    std::uint64_t during_first_look = 0;
  };
  using known_clients = std::map<statement_place, known_client>;

  void take_clients(const server_look& look);
  void take_statements(const server_look& look);
  void take(const server_statement& seen, bool are_all, bool all_were_reset);
  void begin_anew();
  [[nodiscard]] bool were_reset(const std::vector<server_statement>& statements) const;
  void forget_dropped();
  [[nodiscard]] client_bounds bounds_of(const statement_place& place,
                                        const server_statement& counted,
                                        const client_statements& before) const;
  void add_bounds(const known_clients::value_type& known, const client_statements& before,
                  client_bounds& sum) const;
  [[nodiscard]] std::string remark_on(const known_statement& known, const client_bounds& client,
                                      bool is_own) const;
  [[nodiscard]] bool has_calls_without_statement() const;

  bool has_looked_ = false;
  std::map<statement_place, known_statement> known_;
  known_clients clients_;
};

}  // namespace querytap::detail
