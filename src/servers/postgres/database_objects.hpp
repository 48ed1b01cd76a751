#pragma once

#include "../common/named_and_rest.hpp"
#include "section_numbers.hpp"
#include "session.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace querytap::detail {

/// Tables and indexes of one database: the largest and the most used by name, all others as one.
///
/// Threads  one.
class database_objects {
 public:
  database_objects(std::string database, std::size_t tables, std::size_t indexes,
                   std::int64_t most_tables = 8000)
      : database_{std::move(database)},
        labels_{{"postgresql.database.name", database_}},
        most_tables_{most_tables},
        tables_{tables},
        indexes_{indexes} {}

  /// Two round trips, on a connection to the database.
  [[nodiscard]] section_numbers ask(postgres_session& session, postgres_session::deadline until);

 private:
  void add_tables(const result_rows& rows, section_numbers& numbers);
  void add_indexes(const result_rows& rows, section_numbers& numbers);
  void add_largest(const result_rows& count, const result_rows& tables, const result_rows& indexes,
                   section_numbers& numbers);

  const std::string database_;
  const attributes labels_;
  const std::int64_t most_tables_;  // of more, those that are not named are not looked at
  named_and_rest tables_;
  named_and_rest indexes_;
};

}  // namespace querytap::detail
