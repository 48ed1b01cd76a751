#pragma once

#include <querytap/calls/backend.hpp>
#include <querytap/calls/transaction.hpp>

#include <string_view>

namespace querytap::mysql::detail {

struct call_end;

/// Whether the summary is this word, in letters of either case.
[[nodiscard]] bool is_named(std::string_view summary, std::string_view name) noexcept;

/// Whether this is a command whose answer leaves the flags of before.
[[nodiscard]] bool is_silent(std::string_view summary) noexcept;

/// The transaction of a session, by what the server says of it with each answer. An error says
/// nothing of it: what the client library has then is what was before.
///
/// Threads  those of the connection.
class session_transaction {
 public:
  [[nodiscard]] transaction& current() noexcept { return transaction_; }

  /// Whether a call that ended so has neither begun nor ended one, whatever its statement.
  [[nodiscard]] bool is_unchanged_by(const call_end& end) const noexcept;
  /// Whether this statement, done while one was open, has ended that one, whatever follows it.
  [[nodiscard]] static bool ends_open(std::string_view summary, std::string_view text) noexcept;
  /// After a call whose statement has this summary.
  void note(const call_end& end, std::string_view summary, const backend& backend,
            code_location site) noexcept;
  /// The session is another one.
  void is_lost(code_location site = {}) noexcept { finish(transaction_end::lost, site); }
  /// The session begins anew, or ends.
  void is_rolled_back(code_location site = {}) noexcept {
    finish(transaction_end::rolled_back, site);
  }

  /// Statements may be there for longer than the connection that they are of.
  void session_is_gone() noexcept { has_session_ = false; }
  [[nodiscard]] bool has_session() const noexcept { return has_session_; }

 private:
  void note_error(const call_end& end, std::string_view summary, code_location site) noexcept;
  void finish(transaction_end how, code_location site) noexcept {
    transaction_.end(how, site);
    has_lock_timeout_ = false;
  }

  transaction transaction_;
  bool has_lock_timeout_ = false;
  bool has_session_ = true;
};

}  // namespace querytap::mysql::detail
