#pragma once

#include "../common/named_and_rest.hpp"
#include "section_numbers.hpp"
#include "session.hpp"

#include <cstddef>
#include <string>

namespace querytap::detail {

/// Tables and indexes of one database: the largest and the most used by name, all others as one.
///
/// Threads  one.
class database_objects {
 public:
  database_objects(std::string database, std::size_t tables, std::size_t indexes)
      : database_{std::move(database)}, tables_{tables}, indexes_{indexes} {}

  /// One round trip, on a connection to the database.
  [[nodiscard]] section_numbers ask(postgres_session& session, postgres_session::deadline until);

 private:
  void add_tables(const result_rows& rows, section_numbers& numbers);
  void add_indexes(const result_rows& rows, section_numbers& numbers);

  const std::string database_;
  named_and_rest tables_;
  named_and_rest indexes_;
};

}  // namespace querytap::detail
