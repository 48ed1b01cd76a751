#pragma once

#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/transaction.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::mysql::detail {

class unindexed_calls;

/// What the server and the client library say once a call is over.
struct call_end {
  unsigned number = 0;                 ///< of the error; 0: none
  std::string_view sqlstate = {};      ///< of the error
  unsigned status = 0;                 ///< the server's flags
  bool is_of_statement_alone = false;  ///< the error: the connection has none
  std::optional<std::uint64_t> affected_rows = {};
};

/// An operation from the call that sends a statement to the end of its result; or none.
///
/// Threads  one at a time.
class timed_call {
 public:
  timed_call() = default;
  timed_call(const timed_call&) = delete;
  timed_call& operator=(const timed_call&) = delete;

  void begin(const querytap::statement& identity, phase phase, code_location site,
             transaction& current) noexcept;
  /// Goes on with another's operation; an own one that is left over ends as it is.
  void take(timed_call& other) noexcept;

  [[nodiscard]] bool is_open() const noexcept { return operation_.has_value(); }
  /// While the operation lasts.
  [[nodiscard]] const querytap::statement& identity() const noexcept { return *identity_; }
  [[nodiscard]] code_location site() const noexcept { return site_; }
  [[nodiscard]] std::uint64_t ticks() const noexcept {
    return is_open() ? identity_->time().ticks() : 0;
  }

  void began_at(std::uint64_t ticks) noexcept {
    begin_ = ticks;
    operation_->began_at(ticks);
  }
  void parameters(std::uint64_t hash) noexcept {
    if (is_open()) operation_->parameters(hash);
  }
  void describe(parameter_description description) noexcept {
    description_ = std::move(description);
  }
  /// So many sets of values were sent in one call.
  void batch(std::uint64_t size) noexcept { batch_size_ = size; }

  void returns_rows() noexcept { has_rows_ = true; }
  /// Rows that were read at once, from these ticks on.
  void has_stored(std::uint64_t rows, std::uint64_t from) noexcept;
  /// The rows are read one by one: the first is waited for.
  void awaits_row() noexcept;
  void has_read_row() noexcept;

  /// Ends it as a call that was never answered.
  void abandon() noexcept;
  void finish(const call_end& end, unindexed_calls* unindexed = nullptr) noexcept;

 private:
  std::optional<operation> operation_;
  const querytap::statement* identity_ = nullptr;  // as long as the operation lasts
  code_location site_;
  std::uint64_t begin_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t batch_size_ = 0;
  bool has_rows_ = false;
  bool awaits_row_ = false;
  bool has_row_ = false;
  parameter_description description_;
};

}  // namespace querytap::mysql::detail
