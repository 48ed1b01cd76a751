#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/servers/collector.hpp>

#include <cstddef>
#include <vector>

namespace querytap {

class recorder;

struct collectors_options {
  std::vector<std::shared_ptr<collector>> sources = {};
  /// Of one server, those that took longest; the others are left out of reports.
  std::size_t most_statements = 100;
};

/// Asks servers, the host and the process for what they know of themselves, and adds it to the recorder's snapshots: to
/// each scrape and export, beside what the application's calls show. Statements of a server are put beside the
/// application's own, see joined_statement.
///
///     collectors sources{recorder, {.sources = {std::make_shared<process_collector>(),
///                                               std::make_shared<postgres_collector>(
///                                                   postgres_collector_options{.connection_string = "host=db user=watcher"})}}};
///
/// A collector that fails is asked again after twice its interval, then four times, up to eight. Its last values are
/// `stale` once they are older than two intervals and its time limit, and are left out after ten. A counter that a server has reset starts
/// anew.
///
/// In the child of a fork the collectors have threads of their own. One that was being asked at the fork is not asked
/// there, as its locks may be held for ever and its connection is the parent's: it is absent, for that reason.
///
/// Threads  one that decides what is due, and one for each collector that is being asked: one that hangs delays no
///          other, and no scrape.
/// Cost     what each collector says of itself; bench/runtime/collectors.
/// Errors   configuration_error at construction for sources that are null, have no name or that of another, or an
///          interval or time limit of 0 or less. One of more than a year is a year.
/// Lifetime the recorder must outlive it. The destructor waits for collections that are within their time limit; one
///          that is past it is left behind with its thread.
class collectors {
 public:
  explicit collectors(recorder& recorder, collectors_options options);
  ~collectors();
  collectors(const collectors&) = delete;
  collectors& operator=(const collectors&) = delete;

  /// Asks all sources now, whenever they are due, and returns once each has answered, failed or overrun its limit: for
  /// reports and tests. A collector still reads its rarer parts only when their own interval has passed.
  void ask_now();

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/collectors.hpp>
#endif
