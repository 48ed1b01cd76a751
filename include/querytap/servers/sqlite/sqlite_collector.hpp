#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/collector.hpp>

#include <cstddef>
#include <string>

namespace querytap {

namespace sqlite {
class connection;
}

struct sqlite_collector_options {
  std::chrono::nanoseconds interval = std::chrono::seconds{15};
  /// Sizes of tables and indexes, by dbstat, which reads the whole file: no more often than every 200 times
  /// as long as that takes.
  bool object_sizes = false;
  std::size_t most_objects = 20;  ///< the largest; the rest is one, `_OTHER`
};

/// What a SQLite database has: sizes of its files, pages; of a connection its page cache.
///
///     collectors sources{recorder, {.sources = {std::make_shared<sqlite_collector>("documents.db")}}};
///     sqlite::connection db{recorder, "documents.db", {.shared_between_threads = true}};
///     collectors other{recorder, {.sources = {std::make_shared<sqlite_collector>(db)}}};
///
/// The page cache is counted for each connection: those of the one that is given. It is looked at while no
/// other thread uses it, and left alone otherwise.
///
/// The label `sqlite.database.id` tells files of one name in different folders apart; it stays the same as long as the
/// file is where it is.
///
/// Threads  as every collector. A thread that uses the connection waits for some microseconds.
/// Cost     some 0.2 ms: the file is opened anew each time.
/// Errors   configuration_error for a connection that only one thread at a time may use; collect_error where the
///          file cannot be read.
/// Lifetime the connection outlives the collector.
/// Source   sqlite.org/c3ref/c_dbstatus_options.html, dbstat.html; SQLite 3.40.
class sqlite_collector final : public collector {
 public:
  explicit sqlite_collector(std::string path, sqlite_collector_options options = {});
  explicit sqlite_collector(sqlite::connection& connection, sqlite_collector_options options = {});
  ~sqlite_collector() override;

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::chrono::nanoseconds interval() const override;
  void collect(collected& found, deadline until) override;

 private:
  struct state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/sqlite_server.hpp>
#endif
