#pragma once

#include <querytap/base/outcome.hpp>

#include <atomic>
#include <optional>

namespace querytap {

/// How the exception that is being handled counts: what a call or a request fails with.
///
///     operation call{search};
///     try {
///       return client.search(vector);
///     } catch (...) {
///       call.fail(outcome_of_current_exception());
///       throw;
///     }
///
/// The exceptions of the decorators' clients count by the code of the server, as they do in the
/// decorators: `23505`, `broken_connection`. An error of the system has its category and number for
/// a type (`generic:111`), any other exception its own type (`chat::no_answer`), of the namespaces
/// `std` and `querytap` without the namespace (`bad_alloc`). The message of an exception, which may
/// quote a value, is never recorded.
///
/// `_OTHER` where no exception is being handled. A destructor that runs because an exception passes
/// is no handler: there the exception is out of reach.
///
/// Threads  any.
/// Cost     of a failed call: rethrows the exception once for each exception_classifier. Takes no lock.
/// Errors   none.
[[nodiscard]] outcome outcome_of_current_exception() noexcept;

/// Knows how the exceptions of one client library count, for as long as it lives. Decorators have
/// theirs; an application may have one for a client of its own.
///
///     const exception_classifier redis_errors{[]() noexcept -> std::optional<outcome> {
///       try {
///         throw;
///       } catch (const redis::timeout&) {
///         return outcome::error("timeout", {}, failure_kind::timeout);
///       } catch (...) {
///         return std::nullopt;                  // not one of this library's
///       }
///     }};
///
/// Threads  any number, each in its own time; the one made last is asked first.
/// Lifetime mostly static. A plugin's ends with the plugin.
class exception_classifier {
 public:
  /// Called while an exception is being handled. Nothing for an exception that is not known.
  using function = std::optional<outcome> (*)() noexcept;

  /// Without memory it is not asked.
  explicit exception_classifier(function classify) noexcept;
  exception_classifier(const exception_classifier&) = delete;
  exception_classifier& operator=(const exception_classifier&) = delete;
  ~exception_classifier();

 private:
  struct entry;
  friend outcome outcome_of_current_exception() noexcept;

  // ORDER an entry is published by a compare-and-swap with release, and reached with acquire loads.
  //       None is ever removed: it may be in use. A free one, without a function, is taken again.
  static constinit std::atomic<entry*> first_;

  entry* entry_ = nullptr;
};

}  // namespace querytap
