#pragma once

#include "sent_command.hpp"

#include <querytap/base/outcome.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/decorators/redis/connection.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/histogram.hpp>

#include <hiredis.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::redis::detail {

/// A command whose answer changes the session.
struct noted_command {
  command_kind kind = command_kind::ordinary;
  std::optional<int> database = {};  ///< of SELECT
};

/// What the server holds for a connection: its database, a transaction, subscriptions; and what is
/// counted of it besides calls.
///
/// Threads  those of the connection.
class session_state {
 public:
  /// Without a database it is not known which one the connection uses.
  session_state(recorder& telemetry, const redisContext& context, const connection_options& options,
                std::optional<int> database);

  [[nodiscard]] recorder& telemetry() const noexcept { return telemetry_; }
  [[nodiscard]] const connection_options& options() const noexcept { return options_; }
  [[nodiscard]] const querytap::backend& backend() const noexcept { return *backend_; }
  [[nodiscard]] bool has_lost_database() const noexcept { return lost_database_.has_value(); }
  [[nodiscard]] bool receives_messages() const noexcept { return receives_messages_; }

  /// Before a command is sent.
  [[nodiscard]] noted_command note_command(const sent_command& command, command_kind kind) noexcept;
  /// The answer to a command that is not ordinary.
  void note_answer(const noted_command& command, const redisReply& reply) noexcept;
  /// A reply while there is no command that it could be an answer to.
  void note_message(const redisReply* message) noexcept;
  void note_redirect(std::string_view text) noexcept;
  /// Bytes of the replies of one call.
  void note_size(std::uint64_t bytes, const statement& identity, code_location site) noexcept;
  void note_new_session() noexcept;

 private:
  void change_database(std::optional<int> database) noexcept;
  void note_missing_expiry(const sent_command& command) noexcept;
  void publish_lost(code_location site) noexcept;
  [[nodiscard]] backend_options options_of(std::optional<int> database) const;

  recorder& telemetry_;
  const connection_options options_;
  std::string address_;
  std::uint16_t port_ = 0;
  std::optional<int> database_;
  std::optional<int> queued_database_;  // by a SELECT in a transaction
  std::optional<int> lost_database_;    // of a session that ended
  std::vector<std::pair<int, querytap::backend>> backends_;
  std::vector<const void*> lines_without_expiry_;  // that have been reported
  std::optional<querytap::backend> backend_;
  bool receives_messages_ = false;
  counter messages_;
  counter moved_;
  counter asked_;
  histogram sizes_;
};

}  // namespace querytap::redis::detail
