#pragma once

#include "purity.hpp"

#include <querytap/base/statement_identity.hpp>
#include <querytap/snapshot/request_report.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// How many calls of a statement could become one.
enum class batching : std::uint8_t {
  none,          ///< not at all, or nothing is known: cursors, locks, settings, pages, queues
  rows_of_key,   ///< a read of the rows that have one key
  first_of_key,  ///< the same with a LIMIT: any row of the key
  top_of_key,    ///< the same with ORDER BY and a LIMIT
  total_of_key,  ///< an aggregate over the rows of one key
  same_rows,     ///< a read without any value: each call asks for the same
  read,          ///< any other read
  insert,
  upsert,  ///< an insert that changes the row of a key that is there
  delete_by_key,
  update_by_key,
  counter_by_key,  ///< an update of what a row holds already
  write,           ///< any other write
  commands,        ///< of a system whose commands can be sent together
  call,            ///< of a system of which nothing is known
};

/// A statement as far as advice depends on it: a reading of its sanitised text.
struct statement_form {
  batching how = batching::none;
  effect purity = effect::pure;        ///< of a read
  std::string unknown_function = {};   ///< a name, if the purity is unknown
  bool changes_data = false;           ///< what a read gives afterwards may be another
  bool changes_all = false;            ///< also of tables that the statement does not name
  bool gives_generated_value = false;  ///< what the last insert generated
};

/// Of the statement of a share; `none` without a statement.
[[nodiscard]] statement_form form_of(const statement_share& share);

// By language:

[[nodiscard]] statement_form form_of_sql(const statement_identity& statement, dialect dialect);
[[nodiscard]] statement_form form_of_redis(const statement_identity& statement);
[[nodiscard]] statement_form form_of_mongodb(const statement_identity& statement);

}  // namespace querytap::detail
