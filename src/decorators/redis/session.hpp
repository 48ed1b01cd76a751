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
  session(recorder& telemetry, redisContext* context, const connection_options& options,
          std::optional<int> database);
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
    operation timing{identity, command.site};
    note_values(timing, command.arguments);
    void* reply = nullptr;
    const bool is_sent = append(native_) == REDIS_OK;
    const bool is_answered = is_sent && ::redisGetReply(native_, &reply) == REDIS_OK;
    if (!is_answered) reply = nullptr;
    finish(timing, identity, command, noted, static_cast<redisReply*>(reply));
    return reply;
  }

  /// Whether a command of this format is one more of those that are appended, and nothing else is to
  /// be known of it.
  [[nodiscard]] bool is_repeated(const char* format) const noexcept {
    return queued_.is_last(format) && replies_ == replies::on &&
           querytap::detail::current_ledger == nullptr;
  }
  void appended_again() noexcept {
    plain_left_ = 0;
    queued_.add_same();
  }
  /// A command has been appended.
  void appended(const sent_command& command) noexcept;
  int get_reply(void** reply) noexcept {
    if (plain_left_ < 2 || reply == nullptr) return get_reply_slow(reply);
    void* found = nullptr;
    const int code = ::redisGetReply(native_, &found);
    *reply = found;
    const auto* const answer = static_cast<const redisReply*>(found);
    if (code != REDIS_OK || !can_read(answer) || !is_plain(*answer)) [[unlikely]] {
      note(code, static_cast<redisReply*>(found));
      find_plain();
      return code;
    }
    --plain_left_;
    ++answered_;
    note_plain(batches_.front(), *answer);
    return code;
  }
  int get_reply_from_reader(void** reply) noexcept;
  int write(int* done) noexcept;

  void begin_reconnect() noexcept;
  void end_reconnect(bool is_connected) noexcept;
  /// Right after a call has failed, or later.
  [[nodiscard]] outcome outcome_of_error_now() noexcept;
  void set_timeout(timeval limit) noexcept { timeout_ = limit; }

 private:
  int get_reply_slow(void** reply) noexcept;
  /// A reply that can be counted at a glance.
  [[nodiscard]] static bool is_plain(const redisReply& reply) noexcept {
    return reply.type == REDIS_REPLY_STRING || reply.type == REDIS_REPLY_NIL ||
           reply.type == REDIS_REPLY_STATUS || reply.type == REDIS_REPLY_INTEGER;
  }
  static void note_plain(sent_batch& batch, const redisReply& reply) noexcept {
    ++batch.answered;
    if (reply.type != REDIS_REPLY_STRING) return;
    batch.contents.bytes += reply.len;
    ++batch.contents.rows;
  }
  void find_plain() noexcept;

  struct numbered_command {
    std::uint64_t number;
    noted_command command;
  };

  [[nodiscard]] bool is_noted(command_kind kind) const noexcept {
    return kind != command_kind::ordinary || state_.has_lost_database();
  }
  void note_queued_values(const sent_arguments& arguments) noexcept;
  void finish(operation& timing, const statement& identity, const sent_command& command,
              const noted_command& noted, const redisReply* reply) noexcept;

  enum class replies : std::uint8_t { on, skip_next, off };
  [[nodiscard]] bool will_be_answered(const sent_command& command, command_kind kind) noexcept;

  void begin_batch() noexcept;
  void flush_is_over(std::uint64_t begin) noexcept;
  [[nodiscard]] const statement& statement_of_queue() noexcept;
  void note(int code, redisReply* reply) noexcept;
  void note_answer(const redisReply& reply) noexcept;
  void note_later(const noted_command& noted) noexcept;
  void note_noted(sent_batch& batch, const redisReply& reply) noexcept;
  void note_error(sent_batch& batch, std::string_view text) noexcept;
  void finish_batch() noexcept;
  void fail_all(const outcome& how) noexcept;
  void abandon() noexcept;
  [[nodiscard]] bool can_read(const void* reply) const noexcept {
    return reply != nullptr && state_.can_read(*native_);
  }

  redisContext* native_;
  session_state state_;
  queued_commands queued_;              // not sent yet
  sent_batches batches_;                // not answered yet
  std::deque<numbered_command> later_;  // commands in both whose answers matter, by their numbers
  std::uint64_t sent_ = 0;              // commands of all batches
  std::uint64_t answered_ = 0;
  // Replies of the first batch that are still to come, while nothing else is to be done for them.
  std::uint32_t plain_left_ = 0;
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
