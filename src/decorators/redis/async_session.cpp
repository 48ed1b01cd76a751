#include "async_session.hpp"

#include "../../calls/fitting_bounds.hpp"
#include "redis_failure.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <exception>
#include <mutex>
#include <unordered_map>

namespace querytap::redis::detail {
namespace {

/// The sessions of own connections by their contexts: all that hiredis hands to the callbacks of
/// connecting and disconnecting.
class sessions_by_context {
 public:
  void add(const redisAsyncContext* context, async_session* session) {
    const std::lock_guard lock{mutex_};
    sessions_[context] = session;
  }
  [[nodiscard]] async_session* find(const redisAsyncContext* context) noexcept {
    const std::lock_guard lock{mutex_};
    const auto found = sessions_.find(context);
    return found == sessions_.end() ? nullptr : found->second;
  }
  void remove(const redisAsyncContext* context) noexcept {
    const std::lock_guard lock{mutex_};
    sessions_.erase(context);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<const redisAsyncContext*, async_session*> sessions_;
};

// Not destroyed: event loops may outlive static objects.
sessions_by_context& own_sessions() {
  static sessions_by_context& sessions = *new sessions_by_context;
  return sessions;
}

}  // namespace

async_session::async_session(recorder& telemetry, redisAsyncContext* context,
                             const connection_options& options, std::optional<int> database)
    : native_{context}, state_{telemetry, context->c, options, database} {}

// Subscriptions are called as long as the context lasts, if there are any.
void async_session::end() noexcept {
  owner_ = nullptr;
  if (is_own_) own_sessions().remove(native_);
  const bool may_be_called = !is_own_ && !subscriptions_.empty();
  if (may_be_called) return;
  for (auto& [kind, call] : subscriptions_) {
    call.timing.reset();
    call.session.reset();
  }
}

async_connection* async_session::make(recorder& telemetry, redisAsyncContext* context,
                                      const connection_options& options) {
  constexpr int first_database = 0;
  std::unique_ptr<async_connection> made{
      new async_connection{telemetry, context, options, first_database}};
  async_session& session = *made->share_->session;
  own_sessions().add(context, &session);
  session.is_own_ = true;
  session.was_connected_ = false;
  session.connecting_since_ = telemetry.time().ticks();
  // Without redisAsyncSetConnectCallback(), which waits for the connection at once.
  context->onConnect = &async_session::on_connect;
  context->onDisconnect = &async_session::on_disconnect;
  return made.release();
}

int async_session::set_connect_callback(status_callback* function) noexcept {
  if (on_connect_ != nullptr) return REDIS_ERR;
  on_connect_ = function;
  native_->onConnect = nullptr;
  return ::redisAsyncSetConnectCallback(native_, &async_session::on_connect);
}

int async_session::set_disconnect_callback(status_callback* function) noexcept {
  if (on_disconnect_ != nullptr) return REDIS_ERR;
  on_disconnect_ = function;
  return REDIS_OK;
}

// hiredis calls the disconnect callback, its last words, only where a connection was made.
void async_session::begin_ending() noexcept {
  if (is_own_) native_->c.flags |= REDIS_CONNECTED;
}

void async_session::begin_disconnect() noexcept {
  const bool is_in_callback = (native_->c.flags & REDIS_IN_CALLBACK) != 0;
  if (!is_in_callback && native_->replies.head == nullptr) begin_ending();
}

void async_session::on_connect(const redisAsyncContext* context, int status) noexcept {
  async_session* const session = own_sessions().find(context);
  if (session == nullptr) return;
  session->record_connect();
  session->was_connected_ = status == REDIS_OK;
  if (session->on_connect_ != nullptr) session->on_connect_(session->owner_, status);
  if (status != REDIS_OK) session->begin_ending();
}

void async_session::on_disconnect(const redisAsyncContext* context, int status) noexcept {
  async_session* const session = own_sessions().find(context);
  if (session == nullptr) return;
  if (session->on_disconnect_ != nullptr && session->was_connected_) {
    session->on_disconnect_(session->owner_, status);
  }
  delete session->owner_;
}

void async_session::record_connect() noexcept {
  try {
    const clock& time = state_.telemetry().time();
    const std::string_view system = database_systems::redis.name;
    state_.telemetry()
        .bind_histogram(querytap::detail::with_fitting_bounds(catalog::phase_duration, system),
                        {{"db.system.name", system}, {"querytap.phase", "connect"}})
        .record(time.nanoseconds_between(connecting_since_, time.ticks()));
  } catch (const std::exception&) {
    return;  // no memory
  }
}

async_call* async_session::new_call() {
  if (free_.empty()) {
    calls_.emplace_back();
  } else {
    calls_.splice(calls_.end(), free_, free_.begin());
  }
  calls_.back().session = shared_from_this();
  return &calls_.back();
}

async_call* async_session::begin(const sent_command& command, command_kind kind,
                                 reply_callback* function, void* privdata) noexcept {
  async_call* call = nullptr;
  try {
    const bool receives_messages = kind == command_kind::subscribe || kind == command_kind::monitor;
    call = receives_messages ? &subscriptions_[{function, privdata}] : new_call();
    call->receives_messages = receives_messages;
  } catch (const std::exception&) {
    return nullptr;  // no memory
  }
  call->function = function;
  call->privdata = privdata;
  call->site = command.site;
  call->noted = state_.note_command(command, kind);
  if (call->receives_messages) call->session = shared_from_this();
  call->timing.reset();
  call->identity = &state_.statement_of(command, kind);
  call->timing.emplace(*call->identity, command.site);
  note_values(*call->timing, command.arguments);
  return call;
}

void async_session::sent(async_call& call, command_kind kind, int code) noexcept {
  // hiredis has no callback for UNSUBSCRIBE: its answer is a message.
  const bool has_no_callback = code != REDIS_OK || kind == command_kind::unsubscribe;
  if (!has_no_callback) return;
  if (code != REDIS_OK) call.timing->fail(outcome::error("client_error"));
  call.timing->finish();
  call.timing.reset();
  if (!call.receives_messages) release(call);
}

void async_session::release(async_call& call) noexcept {
  const std::shared_ptr<async_session> session = std::move(call.session);
  for (auto each = calls_.begin(); each != calls_.end(); ++each) {
    if (&*each != &call) continue;
    free_.splice(free_.begin(), calls_, each);
    return;
  }
}

outcome async_session::outcome_without_reply() const noexcept {
  constexpr int no_system_error = 0;
  const int error = native_->err != 0 ? native_->err : native_->c.err;
  if (error == 0) return outcome::error("abandoned", {}, failure_kind::cancelled);
  return outcome_of_context(error, no_system_error);
}

void async_session::answered(async_call& call, const redisReply* reply) noexcept {
  if (!call.timing) {
    if (reply != nullptr) state_.note_message(state_.can_read(native_->c) ? reply : nullptr);
    return;
  }
  if (reply == nullptr) {
    call.timing->fail(outcome_without_reply());
  } else if (state_.can_read(native_->c)) {
    state_.conclude(*call.timing, call.noted, *reply, *call.identity, call.site);
    state_.note_answer(call.noted, *reply);
  }
  call.timing->finish();
  call.timing.reset();
}

// Beside MONITOR, hiredis calls back once more for a command that has been answered.
void async_session::on_reply(redisAsyncContext* context, void* reply, void* given) noexcept {
  auto& call = *static_cast<async_call*>(given);
  const std::shared_ptr<async_session> session = call.session;
  if (session == nullptr) {
    if (reply != nullptr) free_unclaimed(context->c, reply);
    return;
  }
  session->answered(call, static_cast<const redisReply*>(reply));
  reply_callback* const function = call.function;
  void* const privdata = call.privdata;
  // The callback may send the next command.
  if (!call.receives_messages) session->release(call);
  if (function != nullptr) {
    function(session->owner_, reply, privdata);
  } else if (reply != nullptr) {
    free_unclaimed(session->native_->c, reply);
  }
}

}  // namespace querytap::redis::detail
