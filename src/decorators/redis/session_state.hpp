#pragma once

#include "known_commands.hpp"
#include "sent_command.hpp"

#include <querytap/base/outcome.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/decorators/redis/connection.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/histogram.hpp>

#include <hiredis.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace querytap::redis::detail {

void add_arguments(parameter_digest& digest, sent_arguments arguments) noexcept;
/// The keyed hash of a command, where a request wants to know it.
void note_values(operation& timing, const sent_arguments& arguments) noexcept;
/// Kinds and sizes.
[[nodiscard]] std::string describe_values(sent_arguments arguments);
/// The first error among the answers to the commands of a transaction; empty: there is none.
[[nodiscard]] std::string_view error_in_list(const redisReply& reply) noexcept;

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
  /// From a subscription or MONITOR on, where messages have the form of replies.
  [[nodiscard]] bool receives_messages() const noexcept { return receives_messages_; }
  /// Under RESP3 messages have a form of their own, and so has the answer to a SUBSCRIBE.
  [[nodiscard]] bool has_pushes() const noexcept { return has_pushes_; }

  /// Whether the context makes replies as hiredis does, and not as the application wants them.
  [[nodiscard]] bool can_read(const redisContext& context) const noexcept {
    return context.reader->fn == default_functions_;
  }
  [[nodiscard]] const redisReplyObjectFunctions* default_functions() const noexcept {
    return default_functions_;
  }

  /// Of a command of which nothing else is to be known; null where that has to be found out.
  [[nodiscard]] const statement* known_statement(const char* format,
                                                 code_location site) const noexcept {
    return known_.find(format, site);
  }
  /// If nothing else is to be known of the next one.
  void remember(const sent_command& command, command_kind kind, const statement& identity) noexcept;
  [[nodiscard]] const statement& statement_of(const sent_command& command,
                                              command_kind kind) noexcept;
  /// What an operation learns from its reply.
  void conclude(operation& timing, const noted_command& command, const redisReply& reply,
                const statement& identity, code_location site) noexcept;
  /// Whether it is a failure of the call.
  bool note_error(operation& timing, std::string_view text) noexcept;

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
  void note_reset() noexcept;
  void note_protocol(const redisReply& reply) noexcept;
  void note_missing_expiry(const sent_command& command) noexcept;
  void publish_lost(code_location site) noexcept;
  [[nodiscard]] backend_options options_of(std::optional<int> database) const;

  // First what each call needs.
  const redisReplyObjectFunctions* const default_functions_;
  std::optional<querytap::backend> backend_;
  bool receives_messages_ = false;
  bool has_pushes_ = false;
  std::optional<int> lost_database_;  // of a session that ended
  known_commands known_;
  recorder& telemetry_;
  const connection_options options_;
  std::string address_;
  std::uint16_t port_ = 0;
  std::optional<int> database_;
  std::optional<int> queued_database_;  // by a SELECT in a transaction
  std::vector<std::pair<int, querytap::backend>> backends_;
  std::vector<const void*> lines_without_expiry_;  // that have been reported
  command_writer writer_;
  counter messages_;
  counter moved_;
  counter asked_;
  histogram sizes_;
};

}  // namespace querytap::redis::detail
