#pragma once

#include "../common/named_and_rest.hpp"
#include "section_numbers.hpp"
#include "session.hpp"

#include <querytap/base/statement_identity.hpp>
#include <querytap/snapshot/source_report.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace querytap::detail {

/// What pg_stat_statements has, and pg_stat_kcache and pg_wait_sampling where they are.
///
/// The texts of statements are read when the statements are first seen; after that their numbers alone, since the
/// server reads the texts of all from a file.
///
/// Threads  one.
class server_statements {
 public:
  explicit server_statements(std::size_t limit) : limit_{limit} {}

  struct found {
    section_numbers numbers = {};
    std::vector<server_statement> statements = {};
    bool has_read = false;  ///< the statements, if there are any
    bool are_all = true;
    std::string counted_since = {};  ///< empty: the server does not say
  };

  /// Two or three round trips.
  [[nodiscard]] found ask(postgres_session& session, const shown_name& shown,
                          postgres_session::deadline until);

 private:
  using key = std::pair<std::string, std::string>;  // the database's and the statement's number
  using identities = std::map<key, std::shared_ptr<const statement_identity>>;
  struct extension_view {
    std::string schema = {};
    std::string columns = {};  // ",calls,rows," …
    [[nodiscard]] bool is_there() const noexcept { return !schema.empty(); }
    [[nodiscard]] bool has(std::string_view column) const;
  };
  struct extensions {
    extension_view statements = {};
    extension_view statements_info = {};
    extension_view kcache = {};
    extension_view wait_sampling = {};
  };

  [[nodiscard]] static extensions extensions_of(postgres_session& session,
                                                postgres_session::deadline until);
  void add_statements(postgres_session& session, const extension_view& view,
                      const shown_name& shown, postgres_session::deadline until, found& result);
  void add_totals(const result_rows& rows, const shown_name& shown, section_numbers& numbers);
  void identify_new(postgres_session& session, const extension_view& view, const result_rows& rows,
                    postgres_session::deadline until);
  [[nodiscard]] std::vector<server_statement> summed(const result_rows& rows) const;

  const std::size_t limit_;
  identities identities_ = {};
  // By the database's name: what all of its statements were, evicted ones too.
  std::map<std::string, named_and_rest, std::less<>> totals_ = {};
};

}  // namespace querytap::detail
