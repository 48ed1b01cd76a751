#include "open_database.hpp"

#include "../../base/file_number.hpp"
#include "../../base/unique_id.hpp"

#include <querytap/base/database_system.hpp>

#include <filesystem>
#include <string>

namespace querytap::sqlite::detail {
namespace {

/// Null for a database in memory.
const char* file_of_database(sqlite3* db) {
  const char* const file = sqlite3_db_filename(db, "main");
  return file == nullptr || *file == '\0' ? nullptr : file;
}

}  // namespace

backend_options backend_options_of(sqlite3* db, std::chrono::nanoseconds slow_threshold,
                                   double slow_multiple, bool describe_parameters) {
  const char* const file = file_of_database(db);
  return {
      .system = std::string{database_systems::sqlite.name},
      .database = file == nullptr ? ":memory:" : std::filesystem::path{file}.filename().string(),
      .dialect = database_systems::sqlite.dialect,
      .slow_threshold = slow_threshold,
      .slow_multiple = slow_multiple,
      .describe_parameters = describe_parameters};
}

std::uint64_t number_of_file(sqlite3* db) {
  const char* const file = file_of_database(db);
  return file == nullptr ? querytap::detail::next_unique_id() : querytap::detail::file_number(file);
}

}  // namespace querytap::sqlite::detail
