#include "session.hpp"

#include "../../base/ascii.hpp"
#include "redis_failure.hpp"

#include <querytap/recording/recorder.hpp>

#include <array>
#include <cerrno>
#include <exception>
#include <string>
#include <utility>

namespace querytap::redis::detail {
namespace {

bool is_of_subscription(command_kind kind) noexcept {
  return kind == command_kind::subscribe || kind == command_kind::unsubscribe;
}

/// `subscribe`, `punsubscribe` …: the answer under RESP3.
bool answers_subscription(const redisReply& push) noexcept {
  return push.elements != 0 && push.element != nullptr && push.element[0] != nullptr &&
         text_of(*push.element[0]).ends_with("subscribe");
}

/// In a transaction, or refused: a subscription then has an answer as all other commands.
bool refuses_subscription(const redisReply& reply) noexcept {
  const std::string_view text = text_of(reply);
  if (reply.type == REDIS_REPLY_STATUS) return text == "QUEUED";
  const auto has = [&](std::string_view word) { return text.find(word) != text.npos; };
  return reply.type == REDIS_REPLY_ERROR &&
         (has("subscribe") || has("channel") || text.starts_with("NOAUTH"));
}

void add_commands(parameter_digest& digest, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    sent_arguments arguments{bytes};
    std::string_view argument;
    while (arguments.next(argument)) digest.add(argument);
    bytes = arguments.rest();
  }
}

}  // namespace

session::session(recorder& telemetry, redisContext* context, const connection_options& options,
                 std::optional<int> database, repeated_command& repeated, plain_replies& plain)
    : native_{context},
      state_{telemetry, *context, options, database},
      repeated_{repeated},
      plain_{plain},
      queued_{repeated} {}

// A request looks for batches that it has sent before.
void session::read_queued_values() noexcept {
  queued_values_.reset();
  if (querytap::detail::current_ledger == nullptr || queued_.empty()) [[likely]]
    return;
  add_commands(queued_values_.emplace(), {native_->obuf, sdslen(native_->obuf)});
}

void session::note_other(operation& timing, const statement& identity, code_location site,
                         const redisReply* reply) noexcept {
  if (reply == nullptr) {
    timing.fail(outcome_of_error_now());
  } else if (can_read(reply)) {
    state_.conclude(timing, {}, *reply, identity, site);
  }
}

void session::finish(operation& timing, const statement& identity, const sent_command& command,
                     const noted_command& noted, const redisReply* reply) noexcept {
  if (reply == nullptr) {
    timing.fail(outcome_of_error_now());
  } else if (can_read(reply)) {
    state_.conclude(timing, noted, *reply, identity, command.site);
  }
  timing.finish([&](querytap::detail::call_extras& extras) {
    if (!state_.options().describe_parameters) return;
    try {
      const std::string text = describe_values(command.arguments);
      extras.parameters_size =
          static_cast<std::uint8_t>(text.copy(extras.parameters.data(), extras.parameters.size()));
    } catch (const std::exception&) {
      return;  // no memory
    }
  });
  if (noted.kind != command_kind::ordinary && can_read(reply)) [[unlikely]]
    note_change(noted, *reply);
}

// In another database the same command is another statement, and a message answers none.
void session::note_change(const noted_command& noted, const redisReply& reply) noexcept {
  repeated_.forget();
  state_.note_answer(noted, reply);
}

outcome session::outcome_of_error_now() noexcept {
  const int system_error = errno;
  if (native_->err == 0) return outcome::error("client_error");
  // All further calls fail at once, with the error of the first.
  if (!lost_) lost_ = outcome_of_context(native_->err, system_error);
  return *lost_;
}

// CLIENT REPLY OFF and SKIP have no answer, nor has what they are about.
bool session::will_be_answered(const sent_command& command, command_kind kind) noexcept {
  using querytap::detail::equal_ignoring_case;
  const replies before = replies_;
  if (before == replies::skip_next) replies_ = replies::on;
  sent_arguments rest = command.arguments;
  std::string_view word;
  const bool is_set = kind == command_kind::container && rest.next(word) &&
                      equal_ignoring_case(word, "client") && rest.next(word) &&
                      equal_ignoring_case(word, "reply") && rest.next(word);
  if (is_set && equal_ignoring_case(word, "on")) {
    replies_ = replies::on;
    return true;
  }
  if (is_set && equal_ignoring_case(word, "off")) {
    replies_ = replies::off;
    return false;
  }
  if (is_set && equal_ignoring_case(word, "skip")) {
    if (before != replies::off) replies_ = replies::skip_next;
    return false;
  }
  return before == replies::on;
}

void session::appended(const sent_command& command) noexcept {
  count_plain_replies();
  repeated_.forget();
  // Replies are messages, and say nothing of how long a command took.
  if (state_.receives_messages()) return;
  const command_kind kind = kind_of_command(command.name());
  if (!will_be_answered(command, kind)) return;
  const noted_command noted = state_.note_command(command, kind);
  if (noted.kind != command_kind::ordinary) note_later(noted);
  const statement* const identity =
      queued_.needs_statement() ? &state_.statement_of(command, kind) : nullptr;
  // What is remembered as the same again must need nothing but to be counted.
  const bool may_differ = kind == command_kind::container || kind == command_kind::keys ||
                          (kind == command_kind::set && state_.options().expects_expiry);
  const bool is_repeatable =
      noted.kind == command_kind::ordinary && !may_differ && !command.written_name.empty();
  queued_.add(kind, is_repeatable ? command.format : std::string_view{}, identity, command.site);
}

// Its place among the commands is that of the reply that it gets.
void session::note_later(const noted_command& noted) noexcept {
  try {
    later_.push_back({sent_ + queued_.count(), noted});
  } catch (const std::exception&) {
    return;  // no memory
  }
}

const statement& session::statement_of_queue() noexcept {
  const statement* const common = queued_.common();
  const bool is_transaction = queued_.is_transaction();
  if (queued_.count() == 1 && common != nullptr) return *common;
  const std::string_view frame = is_transaction ? "MULTI" : "PIPELINE";
  if (common == nullptr) return state_.backend().statement_for(frame);
  const bool is_known = batched_.get() == common && batch_is_transaction_ == is_transaction;
  if (is_known && !batch_of_it_->is_stale()) return *batch_of_it_;
  std::array<char, command_writer::longest> text;
  std::size_t size = frame.copy(text.data(), text.size());
  text[size++] = ' ';
  size += std::string_view{common->identity().text}.copy(text.data() + size, text.size() - size);
  batched_ = statement_handle{*common};
  batch_of_it_ = statement_handle{state_.backend().statement_for({text.data(), size})};
  batch_is_transaction_ = is_transaction;
  return *batch_of_it_;
}

void session::begin_batch() noexcept {
  sent_ += queued_.count();
  sent_batch* const batch = batches_.push();
  if (batch == nullptr) return queued_.clear();
  const statement& identity = statement_of_queue();
  batch->identity = &identity;
  batch->site = queued_.site();
  batch->commands = queued_.count();
  batch->size = queued_.size() == 1 ? 0 : queued_.size();
  const statement* const common = queued_.common();
  batch->counts_rows = common != nullptr && common->identity().kind == statement_kind::read;
  batch->timing.emplace(identity, batch->site);
  if (queued_values_) {
    batch->timing->parameters(queued_values_->hash());
    queued_values_.reset();
  }
  queued_.clear();
}

void session::expect_plain_replies() noexcept {
  count_plain_replies();
  const bool has_plain =
      queued_.empty() && later_.empty() && !batches_.empty() && !state_.receives_messages();
  if (!has_plain) return;
  const sent_batch& batch = batches_.front();
  plain_.expect(batch.commands - batch.answered, state_.default_functions());
}

void session::count_plain_replies() noexcept {
  const plain_replies::counts counted = plain_.take();
  if (counted.replies == 0) return;
  sent_batch& batch = batches_.front();
  batch.answered += counted.replies;
  batch.contents.rows += counted.texts;
  batch.contents.bytes += counted.bytes;
  answered_ += counted.replies;
}

int session::note_other_reply(int code, void** reply) noexcept {
  if (code != REDIS_OK) *reply = nullptr;
  note(code, static_cast<redisReply*>(*reply));
  expect_plain_replies();
  return code;
}

int session::read_reply(void** reply) noexcept {
  if (queued_.empty()) return ::redisGetReply(native_, reply);
  read_queued_values();
  if ((native_->flags & REDIS_BLOCK) != 0 && native_->reader->pos == native_->reader->len) {
    begin_batch();
    expect_plain_replies();
    return ::redisGetReply(native_, reply);
  }
  // Nothing is sent if a reply is there already.
  const std::uint64_t begin = state_.telemetry().time().ticks();
  const int code = ::redisGetReply(native_, reply);
  if (*native_->obuf == '\0') flush_is_over(begin);
  return code;
}

void session::finish_plain_batch() noexcept {
  count_plain_replies();
  finish_batch();
  expect_plain_replies();
}

int session::get_reply(void** reply) noexcept {
  void* found = nullptr;
  const int code = read_reply(&found);
  if (code == REDIS_OK && !plain_.empty() && plain_.add(*native_, found)) {
    if (plain_.empty()) finish_plain_batch();
  } else {
    note(code, static_cast<redisReply*>(found));
    expect_plain_replies();
  }
  if (reply != nullptr) {
    *reply = found;
  } else if (found != nullptr) {
    native_->reader->fn->freeObject(found);
  }
  return code;
}

int session::get_reply_from_reader(void** reply) noexcept {
  void* found = nullptr;
  const int code = ::redisGetReplyFromReader(native_, &found);
  note(code, static_cast<redisReply*>(found));
  if (reply != nullptr) {
    *reply = found;
  } else if (found != nullptr) {
    native_->reader->fn->freeObject(found);
  }
  return code;
}

int session::write(int* done) noexcept {
  int is_done = 0;
  read_queued_values();
  const std::uint64_t begin = state_.telemetry().time().ticks();
  const int code = ::redisBufferWrite(native_, &is_done);
  if (code != REDIS_OK) {
    if (!queued_.empty()) flush_is_over(begin);
    note(code, nullptr);
  } else if (!queued_.empty()) {
    flush_is_over(begin);
  }
  if (done != nullptr) *done = is_done;
  return code;
}

void session::flush_is_over(std::uint64_t begin) noexcept {
  begin_batch();
  if (!batches_.empty()) batches_.back().timing->began_at(begin);
}

void session::note(int code, redisReply* reply) noexcept {
  if (code != REDIS_OK) return fail_all(outcome_of_error_now());
  count_plain_replies();
  if (reply == nullptr) return;
  if (state_.receives_messages()) {
    repeated_.forget();
    return state_.note_message(can_read(reply) ? reply : nullptr);
  }
  if (can_read(reply) && is_message(*reply)) return note_push(*reply);
  // Else it is the answer to a command that was sent past the decorator.
  if (!batches_.empty()) note_answer(*reply);
}

void session::note_push(const redisReply& push) noexcept {
  if (!answers_subscription(push) || !is_subscription_next()) return state_.note_message(&push);
  later_.pop_front();
  count_answer(batches_.front());
}

void session::note_answer(const redisReply& reply) noexcept {
  skip_subscriptions(&reply);
  if (batches_.empty()) return;
  sent_batch& batch = batches_.front();
  const std::uint64_t number = answered_;
  if (can_read(&reply)) {
    if (reply.type == REDIS_REPLY_ERROR) [[unlikely]] {
      note_error(batch, text_of(reply));
    } else {
      const reply_contents contents = contents_of(reply);
      batch.contents.bytes += contents.bytes;
      batch.contents.rows += contents.rows;
    }
  }
  if (!later_.empty() && later_.front().number <= number) [[unlikely]]
    note_noted(batch, reply);
  if (batches_.empty()) return;
  count_answer(batch);
  if (!returns_pushes(*native_)) skip_subscriptions(nullptr);
}

void session::count_answer(sent_batch& batch) noexcept {
  ++batch.answered;
  ++answered_;
  if (batch.answered == batch.commands) finish_batch();
}

bool session::is_subscription_next() const noexcept {
  return state_.has_pushes() && !batches_.empty() && !later_.empty() &&
         later_.front().number <= answered_ && is_of_subscription(later_.front().command.kind);
}

// Under RESP3 it is answered by pushes alone, which hiredis gives to a callback unless it is told not to.
void session::skip_subscriptions(const redisReply* next) noexcept {
  while (is_subscription_next()) {
    if (next != nullptr && can_read(next) && refuses_subscription(*next)) return;
    later_.pop_front();
    count_answer(batches_.front());
  }
}

void session::note_noted(sent_batch& batch, const redisReply& reply) noexcept {
  const noted_command noted = later_.front().command;
  later_.pop_front();
  if (!can_read(&reply)) return;
  if (noted.kind == command_kind::exec) note_error(batch, error_in_list(reply));
  note_change(noted, reply);
  // From now on replies are messages: other commands have none that could be told from them.
  if (state_.receives_messages()) {
    while (!batches_.empty()) finish_batch();
    queued_.clear();
    later_.clear();
    answered_ = sent_;
  }
}

// A batch fails with its first error.
void session::note_error(sent_batch& batch, std::string_view text) noexcept {
  if (batch.has_failed && !is_redirect(text)) return;
  if (state_.note_error(*batch.timing, text)) batch.has_failed = true;
}

void session::finish_batch() noexcept {
  sent_batch& batch = batches_.front();
  if (batch.counts_rows) batch.timing->rows(batch.contents.rows);
  state_.note_size(batch.contents.bytes, *batch.identity, batch.site);
  batch.timing->finish(
      [&](querytap::detail::call_extras& extras) { extras.batch_size = batch.size; });
  batches_.pop();
}

void session::fail_all(const outcome& how) noexcept {
  count_plain_replies();
  while (!batches_.empty()) {
    batches_.front().counts_rows = false;
    batches_.front().timing->fail(how);
    finish_batch();
  }
  queued_.clear();
  queued_values_.reset();
  later_.clear();
  answered_ = sent_;
}

void session::abandon() noexcept {
  fail_all(outcome::error("abandoned", {}, failure_kind::cancelled));
}

void session::begin_reconnect() noexcept {
  abandon();
  state_.note_new_session();
  repeated_.forget();
  lost_.reset();
  replies_ = replies::on;
  batched_ = {};
}

void session::end_reconnect(bool is_connected) noexcept {
  if (!is_connected) {
    querytap::detail::current_request_failed(outcome_of_error_now());
  } else if (!keeps_timeout() && timeout_) {
    static_cast<void>(::redisSetTimeout(native_, *timeout_));
  }
}

}  // namespace querytap::redis::detail
