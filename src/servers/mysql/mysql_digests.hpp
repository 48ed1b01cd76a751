#pragma once

#include "mysql_session.hpp"

#include <querytap/base/statement_identity.hpp>
#include <querytap/snapshot/source_report.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace querytap::detail {

/// The statements of performance_schema.events_statements_summary_by_digest, as the application wrote them.
///
/// Threads  one.
class mysql_digests {
 public:
  /// So many statements at most, of so many digests.
  mysql_digests(std::size_t most_statements, std::size_t most_digests)
      : most_statements_{most_statements}, most_digests_{most_digests} {}

  void read(mysql_session& session, mysql_session::deadline until);
  /// Schema, digest, calls, time in ps, errors, rows changed, sent and examined: the columns of a row.
  void use(const mysql_rows& rows, std::size_t longest_digest);

  /// As of the last read(): those that took longest first.
  /// False: there are further ones.
  [[nodiscard]] bool are_all() const noexcept { return are_all_; }
  [[nodiscard]] const std::vector<server_statement>& statements() const noexcept {
    return statements_;
  }
  [[nodiscard]] const std::vector<unavailable_part>& lacking() const noexcept { return lacking_; }

 private:
  struct known_digest {
    std::shared_ptr<const statement_identity> statement;
    bool is_certain = true;
  };

  const known_digest& known(const std::string& text);

  const std::size_t most_statements_;
  const std::size_t most_digests_;
  std::map<std::string, known_digest> known_;
  std::vector<server_statement> statements_;
  bool are_all_ = true;
  std::vector<unavailable_part> lacking_;
};

}  // namespace querytap::detail
