#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/calls/operation.hpp>

#include <cstdint>
#include <exception>

namespace querytap {

/// Times one call of a vector store that is no search: made by a vector_collection.
///
///     auto call = pages.upsert(ids.size());
///     client.upsert(points);                        // throws or returns
///     call.finish();
///
/// Threads  one at a time.
/// Cost     as operation.
/// Errors   none; an exception that leaves the scope is counted as an error.
/// Lifetime the collection outlives it.
class vector_call {
 public:
  vector_call(const statement& statement, std::uint64_t batch, code_location site) noexcept
      : operation_{statement, site}, batch_{batch} {}
  vector_call(vector_call&&) noexcept = default;
  ~vector_call() {
    // Where an exception passes, the operation's own destructor makes it a failure.
    if (std::uncaught_exceptions() <= exceptions_) finish();
  }

  /// How many records came back.
  void returned(std::uint64_t count) noexcept { operation_.rows(count); }
  /// The call has failed: by the server's code, as in outcome::error("404", "404").
  void failed(const outcome& failure) noexcept { operation_.fail(failure); }
  void finish() noexcept;

  /// What else an operation can be told: phases, retries.
  [[nodiscard]] operation& timed() noexcept { return operation_; }

 private:
  operation operation_;
  std::uint64_t batch_;  // records that go with it
  int exceptions_ = std::uncaught_exceptions();
};

}  // namespace querytap
