#pragma once

#include <querytap/base/dialect.hpp>

#include <cstdint>
#include <string_view>

namespace querytap {

/// What the library knows of a database system besides its protocol. A new client adds a row to
/// `database_systems`, and nothing else has to compare names.
///
///     const database_system& system = find_database_system(call.system);
///     identify(text, system.dialect);
///
/// Threads  plain values that never change.
/// Source   the names are the well-known values of OpenTelemetry's `db.system.name`.
struct database_system {
  /// How the statement that creates an index is written.
  enum class index_form : std::uint8_t {
    none,          ///< no such statement is known
    named,         ///< `create index NAME on TABLE (COLUMNS)`
    concurrently,  ///< `create index concurrently on TABLE [using gin] (COLUMNS)`
  };

  /// The `batched_read` of most SQL systems.
  static constexpr std::string_view one_query_of_all_keys =
      "load all keys with one query: where the key IN (…), with all of them";

  std::string_view name = {};  ///< empty in the row for systems that are not in the table
  querytap::dialect dialect = querytap::dialect::postgresql;
  bool is_sql = false;
  std::uint16_t default_port = 0;  ///< left out of the attributes of series; 0: it has none
  /// Whether it runs in the process of its callers: a call is no round trip, and takes microseconds.
  bool is_in_process = false;
  index_form index = index_form::none;
  /// Whether a plan names the condition of each step and the rows that are expected to pass it. Where it does not, the
  /// conditions are read from the statement.
  bool has_detailed_plans = true;
  /// Advice on how to replace many similar reads by one call.
  std::string_view batched_read = {};
};

/// Every database system that the library knows, one row each.
namespace database_systems {

inline constexpr database_system postgresql{
    .name = "postgresql",
    .dialect = dialect::postgresql,
    .is_sql = true,
    .default_port = 5432,
    .index = database_system::index_form::concurrently,
    .batched_read = "load all keys with one query: where the key = ANY($1), with an array of them"};

inline constexpr database_system sqlite{.name = "sqlite",
                                        .dialect = dialect::sqlite,
                                        .is_sql = true,
                                        .is_in_process = true,
                                        .index = database_system::index_form::named,
                                        .has_detailed_plans = false,
                                        .batched_read = database_system::one_query_of_all_keys};

inline constexpr database_system mysql{.name = "mysql",
                                       .dialect = dialect::mysql,
                                       .is_sql = true,
                                       .default_port = 3306,
                                       .index = database_system::index_form::named,
                                       .has_detailed_plans = false,
                                       .batched_read = database_system::one_query_of_all_keys};

inline constexpr database_system mariadb{.name = "mariadb",
                                         .dialect = dialect::mysql,
                                         .is_sql = true,
                                         .default_port = 3306,
                                         .index = database_system::index_form::named,
                                         .has_detailed_plans = false,
                                         .batched_read = database_system::one_query_of_all_keys};

/// OpenTelemetry's name for any SQL database without a name of its own.
inline constexpr database_system other_sql{.name = "other_sql",
                                           .is_sql = true,
                                           .index = database_system::index_form::named,
                                           .batched_read = database_system::one_query_of_all_keys};

inline constexpr database_system redis{
    .name = "redis",
    .dialect = dialect::redis,
    .default_port = 6379,
    .batched_read =
        "send the commands in one pipeline, if none of them needs "
        "the answer to another"};

inline constexpr database_system mongodb{
    .name = "mongodb",
    .dialect = dialect::mongodb,
    .default_port = 27017,
    .batched_read = "load all keys with one find: {key: {$in: […]}}"};

inline constexpr database_system chroma{
    .name = "chroma",
    .dialect = dialect::named,
    .default_port = 8000,
    .batched_read = "send all vectors with one query, or get all ids with one call"};

/// Stands for every name that is not in the table: other vector stores and models among them.
inline constexpr database_system unknown{.batched_read =
                                             "make one call with all inputs, if none of the calls "
                                             "needs the answer to another: embeddings "
                                             "and vector stores take many at once"};

}  // namespace database_systems

/// The row for this `db.system.name`; `database_systems::unknown` if there is no such row.
[[nodiscard]] const database_system& find_database_system(std::string_view name) noexcept;

}  // namespace querytap
