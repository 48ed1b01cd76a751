#pragma once

#include <querytap/calls/operation.hpp>
#include <querytap/decorators/detail/sent_call.hpp>

#include <cstdint>
#include <optional>

namespace querytap::postgres::detail {

/// A call that lasts as long as an object does: a stream, a batch. None before begin(), and after
/// finish().
///
/// Threads  one at a time.
class open_call {
 public:
  open_call() = default;
  open_call(const open_call&) = delete;
  open_call& operator=(const open_call&) = delete;

  [[nodiscard]] bool is_open() const noexcept { return timing_.has_value(); }
  void begin(const statement& statement, querytap::transaction& connection,
             code_location site) noexcept {
    timing_.emplace(statement, site);
    timing_->of(connection);
  }
  /// What `step` returns; an exception of it is how the call ends, whenever that is.
  template <class Step>
  decltype(auto) run(Step step) {
    try {
      return step();
    } catch (...) {
      fail();
      throw;
    }
  }
  /// As in operation.
  void rows(std::uint64_t count) noexcept {
    if (timing_) timing_->rows(count);
  }
  /// The rows that follow are fetched.
  void fetch() noexcept {
    if (timing_) timing_->enter(phase::fetch);
  }
  /// With the exception that is being handled.
  void fail() noexcept;
  void finish(std::uint64_t batch_size = 0) noexcept;

 private:
  std::optional<operation> timing_;
};

}  // namespace querytap::postgres::detail
