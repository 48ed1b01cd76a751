#include "watcher.hpp"

#include "../../base/unique_id.hpp"

#include <querytap/calls/detail/ledger.hpp>
#include <querytap/decorators/mongodb/call.hpp>
#include <querytap/recording/detail/in_flight.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <utility>

namespace querytap::mongodb::detail {
namespace {

constexpr std::string_view mongodb_name = "mongodb";
constexpr std::uint16_t mongodb_port = 27017;

backend_options mongodb_options(const observation_options& options) {
  return {.system = std::string{mongodb_name},
          .dialect = dialect::mongodb,
          .slow_threshold = options.slow_threshold,
          .slow_multiple = options.slow_multiple};
}

/// The text of a command whose content libmongoc hides.
class hidden_command {
 public:
  explicit hidden_command(std::string_view name) noexcept {
    name = name.substr(0, 100);
    put("{\"");
    for (const char c : name)
      put(c == '"' || c == '\\' ? std::string_view{"?"} : std::string_view{&c, 1});
    put("\":?}");
  }
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

 private:
  void put(std::string_view part) noexcept {
    size_ += part.copy(text_.data() + size_, part.size());
  }

  std::array<char, 128> text_;
  std::size_t size_ = 0;
};

bool ends_transaction(command_kind kind) noexcept {
  return kind == command_kind::commit || kind == command_kind::abort;
}

}  // namespace

constinit thread_local thread_state this_thread{};

watcher::watcher(recorder& telemetry, const observation_options& options)
    : number_{querytap::detail::next_unique_id()},
      options_{options},
      telemetry_{telemetry},
      any_backend_{telemetry, mongodb_options(options)},
      retries_{
          telemetry.bind_counter(catalog::mongodb_retries, {{"db.system.name", mongodb_name}})},
      overloads_{
          telemetry.bind_counter(catalog::mongodb_overloads, {{"db.system.name", mongodb_name}})},
      servers_{telemetry} {}

void watcher::observation_ended() noexcept {
  servers_.stop();
  is_watching_.store(false, std::memory_order_relaxed);
  if (this_thread.command.owner == number_) abandon(this_thread.command);
  paused_.take_all([this](paused_call& call) { record(call); });
  sessions_.end_all();
  release();
}

void watcher::release() noexcept {
  if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

// Of more databases and servers than there is room for, calls are of no known one.
const backend& watcher::backend_for(const started_command& command) noexcept {
  if (const backend* const known = backends_.find(command)) return *known;
  if (backends_.full()) return any_backend_;
  try {
    backend_options options = mongodb_options(options_);
    options.database = command.database;
    options.server_address = command.host;
    options.server_port = command.port == mongodb_port ? std::uint16_t{0} : command.port;
    return backends_.add({std::string{command.database}, std::string{command.host}, command.port},
                         backend{telemetry_, options});
  } catch (const std::exception&) {
    return any_backend_;  // no memory
  }
}

// What a command goes on with: an attempt that failed, or a cursor.
bool watcher::take_call(const started_command& command, const command_facts& facts,
                        paused_call& found) noexcept {
  if (failed_attempt* const attempt = this_thread.attempt_of(number_)) {
    // libmongoc sends the end of a transaction again as another operation.
    const bool is_end_again = ends_transaction(facts.kind) && attempt->kind == facts.kind;
    if (attempt->operation_number != command.operation_number && !is_end_again) {
      settle_attempt();
    } else {
      attempt->owner = 0;
      if (paused_.take(static_cast<std::uint64_t>(attempt->operation_number), found)) {
        ++found.retries;
        found.spent = any_backend_.time().ticks() - found.begin;
        retries_.add();
        return true;
      }
    }
  }
  if (facts.cursor == 0) return false;
  bool is_first = true;
  // Of cursors that end together, all but the first have ended with this.
  for (bson_elements each{facts.cursors}; each.next(); is_first = false) {
    paused_call other;
    if (!is_first && paused_.take(static_cast<std::uint64_t>(each.current().integer()), other)) {
      record(other);
    }
  }
  return paused_.take(static_cast<std::uint64_t>(facts.cursor), found);
}

void watcher::started(const started_command& command) noexcept {
  if (!is_watching()) return;
  if (this_thread.command.owner != 0) [[unlikely]]
    abandon(this_thread.command);
  mongodb::call* const scope = this_thread.scope;
  if (scope != nullptr && scope->watcher_ == this) scope->command_begins();
  std::uint64_t batch_size = 0;
  const command_pattern* const known = known_.find(command.bytes, batch_size);
  if (known == nullptr) return start_slow(command);
  start(command, known->text(), known->facts(), batch_size);
}

void watcher::start_slow(const started_command& command) noexcept {
  const command_shape shape{command.bytes};
  known_.add(command.bytes, shape);
  if (shape.is_hidden()) return start(command, hidden_command{command.name}.text(), {}, 0);
  start(command, shape.text(), shape.facts(), shape.facts().batch_size);
}

void watcher::start(const started_command& command, std::string_view text,
                    const command_facts& facts, std::uint64_t batch_size) noexcept {
  if (facts.cursor != 0 || this_thread.attempt_of(number_) != nullptr) {
    paused_call prior;
    if (take_call(command, facts, prior)) return go_on(command, facts, prior, batch_size);
  }
  const code_location site = site_of_scope();
  transaction* const open = transaction_of(command, facts, site);
  const statement& identity = backend_for(command).statement_for(text);
  if (facts.kind == command_kind::get_more) [[unlikely]]
    expect_waiting(identity);
  command_in_flight& mine = begin(command, identity, site, facts, open);
  mine.rows = 0;
  mine.has_rows = false;
  mine.retries = 0;
  mine.batch_size = batch_size;
  // Of no paused call: the cursor waits for documents, or its query has been recorded.
  if (facts.cursor != 0) mine.traits.is_endless = true;
  if (querytap::detail::current_ledger != nullptr) {
    mine.timed().parameters(hash_of_values(command.bytes));
  }
}

// Of a cursor whose query is not paused: how long it waits for documents is what the application has asked for.
void watcher::expect_waiting(const statement& identity) const noexcept {
  const auto usual = static_cast<std::uint64_t>(options_.slow_threshold.count());
  if (identity.slow_threshold() == usual) {
    identity.set_slow_threshold(querytap::detail::never_slow);
  }
}

void watcher::go_on(const started_command& command, const command_facts& facts,
                    const paused_call& prior, std::uint64_t batch_size) noexcept {
  transaction* const open = transaction_of(command, facts, prior.site);
  command_in_flight& mine = begin(command, *prior.statement, prior.site, facts, open);
  mine.rows = prior.rows;
  mine.has_rows = prior.has_rows;
  mine.retries = prior.retries;
  mine.batch_size = facts.cursor != 0 ? prior.batch_size : batch_size;
  mine.timed().began_at(mine.timed().begin_ticks() - prior.spent);
  for (std::uint32_t i = 0; i < prior.retries; ++i) mine.timed().retried();
}

code_location watcher::site_of_scope() const noexcept {
  const mongodb::call* const scope = this_thread.scope;
  return scope != nullptr ? scope->site_ : code_location{};
}

command_in_flight& watcher::begin(const started_command& command, const statement& identity,
                                  code_location site, const command_facts& facts,
                                  transaction* open) noexcept {
  command_in_flight& mine = this_thread.command;
  mine.owner = number_;
  mine.request = command.request;
  mine.operation_number = command.operation_number;
  mine.identity = &identity;
  mine.site = site;
  mine.open = open;
  mine.traits = facts;
  operation* const timed = ::new (mine.room) operation{identity, phase::execute, site};
  if (open != nullptr) timed->of(*open);
  return mine;
}

void watcher::ended(const ended_command& command) noexcept {
  command_in_flight& mine = this_thread.command;
  if (mine.owner != number_ || mine.request != command.request) return;
  const reply_facts reply = read_reply(command.reply, mine.traits.kind);
  if (reply.rows) {
    mine.has_rows = true;
    mine.rows += *reply.rows;
  }
  const bool ends_cursor = mine.traits.kind == command_kind::kill_cursors;
  if (command.has_failed || reply.code != 0) [[unlikely]] {
    // A cursor that could not be ended is no failure of the query.
    if (!(ends_cursor && mine.has_rows)) return end_failed(mine, command, reply);
  }
  if (reply.cursor != 0 && !mine.traits.is_endless && !ends_cursor) [[unlikely]] {
    return pause(mine, static_cast<std::uint64_t>(reply.cursor), {}, 0);
  }
  if (mine.has_rows) mine.timed().rows(mine.rows);
  finish(mine, reply);
  if (mine.open != nullptr) [[unlikely]]
    end_transaction(mine, reply, false);
}

void watcher::end_failed(command_in_flight& mine, const ended_command& command,
                         const reply_facts& reply) noexcept {
  const outcome failure = reply.code != 0 ? outcome_of_code(reply.code)
                                          : outcome_of_error(command.domain, command.code);
  const bool is_of_network = reply.code == 0 && command.domain == MONGOC_ERROR_STREAM;
  // A write is made again for a write concern that was not met, too, whose command has succeeded.
  const retry_rule rule = retry_rule_of(mine.traits);
  const bool is_refused =
      command.has_failed || (rule == retry_rule::as_write && reply.labels.is_retryable);
  const bool will_retry =
      is_refused && mine.retries == 0 && will_be_retried(rule, reply, is_of_network);
  note_failure(mine, reply, will_retry);
  if (will_retry) {
    this_thread.note_attempt({number_, mine.operation_number, mine.traits.kind});
    return pause(mine, static_cast<std::uint64_t>(mine.operation_number), failure, reply.code);
  }
  if (has_waited_for_lock(reply.code)) mine.timed().was(phase::lock_wait);
  mine.timed().fail(failure);
  finish(mine, reply);
  if (mine.open != nullptr) end_transaction(mine, reply, true);
}

// Its end was not told.
void watcher::abandon(command_in_flight& command) noexcept {
  command.timed().fail(outcome::error("abandoned", {}, failure_kind::cancelled));
  finish(command, {});
}

void watcher::note_failure(const command_in_flight& command, const reply_facts& reply,
                           bool will_retry) noexcept {
  if (reply.labels.is_overload) overloads_.add();
  this_thread.last = {.code = reply.code,
                      .attempts = command.retries + 1,
                      .was_retried = command.retries != 0 || will_retry,
                      .is_overload = reply.labels.is_overload,
                      .is_retryable = reply.labels.is_retryable,
                      .is_transient = reply.labels.is_transient,
                      .is_unknown_commit = reply.labels.is_unknown_commit};
}

// Its operation goes without a trace: another one will be made, with the time of this one.
void watcher::pause(command_in_flight& command, std::uint64_t number, const outcome& failure,
                    std::int64_t code) noexcept {
  paused_call call{.statement = statement_handle{*command.identity},
                   .site = command.site,
                   .begin = command.timed().begin_ticks(),
                   .spent = command.identity->time().ticks() - command.timed().begin_ticks(),
                   .rows = command.rows,
                   .batch_size = command.batch_size,
                   .retries = command.retries,
                   .has_rows = command.has_rows,
                   .failure = failure,
                   .code = code};
  command.timed().discard();
  std::destroy_at(&command.timed());
  command.owner = 0;
  paused_call evicted;
  if (!paused_.put(number, std::move(call), evicted)) return;
  // Of whichever request, and thread.
  querytap::detail::ledger* const request =
      std::exchange(querytap::detail::current_ledger, nullptr);
  record(evicted);
  querytap::detail::current_ledger = request;
}

// Of a call of which nothing more came.
void watcher::record(paused_call& call) noexcept {
  const statement& identity = *call.statement;
  operation timed{identity, call.site};
  timed.began_at(identity.time().ticks() - call.spent);
  for (std::uint32_t i = 0; i < call.retries; ++i) timed.retried();
  timed.fail(call.failure);
  if (call.has_rows) timed.rows(call.rows);
  timed.finish();
}

void watcher::finish(command_in_flight& command, const reply_facts& reply) noexcept {
  operation& timed = command.timed();
  timed.finish([&](querytap::detail::call_extras& extras) {
    if (command.batch_size > 1) extras.batch_size = command.batch_size;
    extras.affected_rows = reply.affected;
  });
  std::destroy_at(&timed);
  command.owner = 0;
}

void watcher::settle_attempt() noexcept {
  thread_state& mine = this_thread;
  failed_attempt* const attempt = mine.attempt_of(number_);
  if (attempt == nullptr) return;
  attempt->owner = 0;
  paused_call failed;
  if (!paused_.take(static_cast<std::uint64_t>(attempt->operation_number), failed)) return;
  if (mine.last.attempts == 1) mine.last.was_retried = false;
  record(failed);
}

transaction* watcher::transaction_of(const started_command& command, const command_facts& facts,
                                     code_location site) noexcept {
  if (!facts.is_in_transaction) return nullptr;
  const std::string_view session = session_of(command.bytes);
  if (!facts.begins_transaction) return sessions_.find(session);
  transaction* const open = sessions_.find_or_claim(session);
  if (open != nullptr) open->begin(backend_for(command), site);
  return open;
}

// After the operation has ended, which is of the transaction.
void watcher::end_transaction(const command_in_flight& command, const reply_facts& reply,
                              bool has_failed) noexcept {
  if (command.traits.kind == command_kind::commit) {
    const bool is_rolled_back = has_failed && reply.labels.is_transient;
    sessions_.end(*command.open,
                  !has_failed      ? transaction_end::committed
                  : is_rolled_back ? transaction_end::rolled_back
                                   : transaction_end::lost,
                  command.site);
  } else if (command.traits.kind == command_kind::abort ||
             (has_failed && reply.labels.is_transient)) {
    sessions_.end(*command.open, transaction_end::rolled_back, command.site);
  }
}

}  // namespace querytap::mongodb::detail
