#pragma once

#include "queued_commands.hpp"
#include "sent_batches.hpp"
#include "sent_command.hpp"
#include "session_state.hpp"

#include <querytap/calls/backend.hpp>
#include <querytap/calls/detail/ledger.hpp>
#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/decorators/redis/connection.hpp>
#include <querytap/decorators/redis/detail/plain_replies.hpp>
#include <querytap/decorators/redis/detail/repeated_command.hpp>

#include <hiredis.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

namespace querytap::redis::detail {

/// What is known of a connection beside its context: which of its commands are under way. The
/// functions of hiredis say what happens, in its order: replies come in the order of the commands.
///
/// Threads  those of the connection.
class session {
 public:
  /// `repeated` and `plain` are parts of the connection that its inline functions count with.
  session(recorder& telemetry, redisContext* context, const connection_options& options,
          std::optional<int> database, repeated_command& repeated, plain_replies& plain);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session() { abandon(); }

  [[nodiscard]] static session& of(const connection& owner) noexcept { return *owner.session_; }
  [[nodiscard]] redisContext* native() const noexcept { return native_; }
  [[nodiscard]] recorder& telemetry() const noexcept { return state_.telemetry(); }

  /// The part of redisConnect() and redisFree() that a connection has no other way to.
  [[nodiscard]] static connection* make(recorder& telemetry, redisContext* context,
                                        const connection_options& options);
  static void end(connection& owner) noexcept;

  /// Whether one command can be sent and its reply awaited by itself.
  [[nodiscard]] bool is_idle() const noexcept {
    return queued_.empty() && batches_.empty() && !state_.receives_messages() &&
           replies_ == replies::on && (native_->flags & REDIS_BLOCK) != 0 &&
           !returns_pushes(*native_);
  }
  /// Sends the command by `append`, while idle, and waits for its reply; null where there is none.
  template <class Append>
  void* call(const sent_command& command, Append append) noexcept {
    const command_kind kind = kind_of_command(command.name());
    const noted_command noted =
        is_noted(kind) ? state_.note_command(command, kind) : noted_command{};
    const statement& identity = state_.statement_of(command, kind);
    state_.remember(command, kind, identity);
    operation timing{identity, command.site};
    note_values(timing, command.arguments);
    void* reply = nullptr;
    const bool is_sent = append(native_) == REDIS_OK;
    const bool is_answered = is_sent && ::redisGetReply(native_, &reply) == REDIS_OK;
    if (!is_answered) reply = nullptr;
    finish(timing, identity, command, noted, static_cast<redisReply*>(reply));
    return reply;
  }

  /// Of a command of which nothing else is to be known, and which can be sent by itself; else null.
  [[nodiscard]] const statement* known_statement(const char* format,
                                                 code_location site) const noexcept {
    if (!is_idle() || querytap::detail::current_ledger != nullptr) return nullptr;
    return state_.known_statement(format, site);
  }
  /// Sends such a command by `send`, which waits for the reply.
  template <class Send>
  void* call_known(const statement& identity, code_location site, Send send) noexcept {
    operation timing{identity, site};
    void* const reply = send(native_);
    const auto* const answer = static_cast<const redisReply*>(reply);
    if (!can_read(answer) || !note_plain(timing, *answer)) [[unlikely]]
      note_other(timing, identity, site, answer);
    timing.finish();
    return reply;
  }

  /// Whether a command of this format is one more of those that are appended, and nothing else is to
  /// be known of it.
  [[nodiscard]] bool is_repeated(const char* format, code_location site) const noexcept {
    return repeated_.is(format, site);
  }
  void appended_again() noexcept { repeated_.add(); }
  /// A command has been appended.
  void appended(const sent_command& command) noexcept;
  int get_reply(void** reply) noexcept;
  /// Of a reply that was read as one of those that are only counted, and is not.
  int note_other_reply(int code, void** reply) noexcept;
  int get_reply_from_reader(void** reply) noexcept;
  int write(int* done) noexcept;

  void begin_reconnect() noexcept;
  void end_reconnect(bool is_connected) noexcept;
  /// Right after a call has failed, or later.
  [[nodiscard]] outcome outcome_of_error_now() noexcept;
  void set_timeout(timeval limit) noexcept { timeout_ = limit; }

 private:
  /// False where there is more to do for the reply than that.
  [[nodiscard]] static bool note_plain(operation& timing, const redisReply& reply) noexcept {
    constexpr std::size_t smallest_measured = 1024;
    if (reply.type == REDIS_REPLY_STRING && reply.len < smallest_measured) {
      timing.rows(1);
      return true;
    }
    return reply.type == REDIS_REPLY_STATUS || reply.type == REDIS_REPLY_INTEGER;
  }
  void note_other(operation& timing, const statement& identity, code_location site,
                  const redisReply* reply) noexcept;
  int read_reply(void** reply) noexcept;
  void expect_plain_replies() noexcept;
  void finish_plain_batch() noexcept;
  void count_plain_replies() noexcept;

  struct numbered_command {
    std::uint64_t number;
    noted_command command;
  };

  [[nodiscard]] bool is_noted(command_kind kind) const noexcept {
    return kind != command_kind::ordinary || state_.has_lost_database();
  }
  void read_queued_values() noexcept;
  void finish(operation& timing, const statement& identity, const sent_command& command,
              const noted_command& noted, const redisReply* reply) noexcept;

  enum class replies : std::uint8_t { on, skip_next, off };
  [[nodiscard]] bool will_be_answered(const sent_command& command, command_kind kind) noexcept;

  void begin_batch() noexcept;
  void flush_is_over(std::uint64_t begin) noexcept;
  [[nodiscard]] const statement& statement_of_queue() noexcept;
  void note(int code, redisReply* reply) noexcept;
  void note_answer(const redisReply& reply) noexcept;
  void note_push(const redisReply& push) noexcept;
  [[nodiscard]] bool is_subscription_next() const noexcept;
  void skip_subscriptions(const redisReply* next) noexcept;
  void count_answer(sent_batch& batch) noexcept;
  void note_later(const noted_command& noted) noexcept;
  void note_noted(sent_batch& batch, const redisReply& reply) noexcept;
  void note_change(const noted_command& noted, const redisReply& reply) noexcept;
  void note_error(sent_batch& batch, std::string_view text) noexcept;
  void finish_batch() noexcept;
  void fail_all(const outcome& how) noexcept;
  void abandon() noexcept;
  [[nodiscard]] bool can_read(const void* reply) const noexcept {
    return reply != nullptr && state_.can_read(*native_);
  }

  redisContext* native_;
  session_state state_;
  repeated_command& repeated_;
  plain_replies& plain_;                // of the first batch
  queued_commands queued_;              // not sent yet
  sent_batches batches_;                // not answered yet
  std::deque<numbered_command> later_;  // commands in both whose answers matter, by their numbers
  std::uint64_t sent_ = 0;              // commands of all batches
  std::uint64_t answered_ = 0;
  std::optional<parameter_digest> queued_values_;  // of a batch that a request makes
  // The statement of a batch of this statement, as it was asked for last.
  statement_handle batched_;
  statement_handle batch_of_it_;
  bool batch_is_transaction_ = false;
  replies replies_ = replies::on;  // as CLIENT REPLY has set it
  std::optional<outcome> lost_;    // how the context got its error
  std::optional<timeval> timeout_;
};

}  // namespace querytap::redis::detail
