#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/snapshot/snapshot.hpp>
#include <querytap/snapshot/source_report.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace querytap::detail {

/// What the application's calls of one statement of one database have come to.
struct client_statement {
  std::string summary = {};
  std::uint64_t calls = 0;
  std::uint64_t failures = 0;
  std::uint64_t running = 0;
  std::chrono::nanoseconds time{};
};

/// Database and fingerprint.
using statement_place = std::pair<std::string, std::uint64_t>;
using client_statements = std::map<statement_place, client_statement>;

/// Those of all series that have these labels.
[[nodiscard]] client_statements client_statements_of(const snapshot& recorded,
                                                     const attributes& labels);

/// Puts beside each other what a server and the application have counted for a statement since the first look at
/// the server: only from then on have both counted the same calls. A number of the server that falls was reset, and
/// counts anew.
///
/// Threads  one.
class statement_join {
 public:
  /// One look at the server: its statements with the numbers as it has them, and what the application's calls had
  /// come to shortly before and shortly after. The costliest statements first, `most` at most.
  [[nodiscard]] std::vector<joined_statement> look(const std::vector<server_statement>& statements,
                                                   const client_statements& before,
                                                   const client_statements& after,
                                                   std::size_t most);

 private:
  struct known_statement {
    server_statement last;     // as the server has it
    server_statement counted;  // since the first look
    bool was_reset = false;
    bool is_seen = false;
  };

  void take(const server_statement& seen);
  [[nodiscard]] joined_statement joined(const statement_place& place, const known_statement& known,
                                        const client_statements& before,
                                        const client_statements& after) const;
  [[nodiscard]] client_statement since_first_look(const client_statements& total,
                                                  const statement_place& place,
                                                  const server_statement& counted_there) const;
  [[nodiscard]] static std::string remark_on(std::uint64_t server_calls, std::uint64_t least,
                                             std::uint64_t most, const known_statement& known);

  bool has_looked_ = false;
  std::map<statement_place, known_statement> known_;
  client_statements client_at_first_;
};

}  // namespace querytap::detail
