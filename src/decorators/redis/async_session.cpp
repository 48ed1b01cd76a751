#include "async_session.hpp"

#include "../../calls/fitting_bounds.hpp"
#include "redis_failure.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <exception>
#include <iterator>
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

// The calls of an observed context keep the session until the context is gone, of which they hear.
void async_session::end() noexcept {
  owner_ = nullptr;
  if (!is_own_) return;
  own_sessions().remove(native_);
  for (async_call& call : calls_) {
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

int async_session::watch_connecting() noexcept {
  native_->onConnect = nullptr;
  return ::redisAsyncSetConnectCallback(native_, &async_session::on_connect);
}

#ifdef QUERYTAP_HIREDIS_1_1
int async_session::set_connect_callback(status_callback* function) noexcept {
  if (on_connect_ != nullptr || on_connect_nc_ != nullptr) return REDIS_ERR;
  on_connect_ = function;
  return watch_connecting();
}

int async_session::set_connect_callback_nc(connect_callback* function) noexcept {
  if (on_connect_ != nullptr || on_connect_nc_ != nullptr) return REDIS_ERR;
  on_connect_nc_ = function;
  return watch_connecting();
}
#else
int async_session::set_connect_callback(status_callback* function) noexcept {
  if (on_connect_ != nullptr) return REDIS_ERR;
  on_connect_ = function;
  return watch_connecting();
}
#endif

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
#ifdef QUERYTAP_HIREDIS_1_1
  if (session->on_connect_nc_ != nullptr) session->on_connect_nc_(session->owner_, status);
#endif
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
  async_call& call = calls_.back();
  call.place = std::prev(calls_.end());
  call.session = shared_from_this();
  call.is_over = false;
  call.channels = 0;
  return &call;
}

async_call* async_session::begin(const sent_command& command, command_kind kind,
                                 reply_callback* function, void* privdata) noexcept {
  async_call* call = nullptr;
  try {
    call = new_call();
  } catch (const std::exception&) {
    return nullptr;  // no memory
  }
  call->function = function;
  call->privdata = privdata;
  call->site = command.site;
  call->noted = state_.note_command(command, kind);
  call->identity = &state_.statement_of(command, kind);
  call->timing.emplace(*call->identity, command.site);
  note_values(*call->timing, command.arguments);
  return call;
}

void async_session::sent(async_call& call, const sent_command& command, command_kind kind,
                         int code) noexcept {
  // hiredis has no callback for UNSUBSCRIBE: its answer is a message.
  const bool has_no_callback = code != REDIS_OK || kind == command_kind::unsubscribe;
  if (!has_no_callback) {
    if (kind == command_kind::subscribe) subscribed(call, command.arguments);
    return;
  }
  if (code != REDIS_OK) call.timing->fail(outcome::error("client_error"));
  call.timing->finish();
  release(call);
}

void async_session::subscribed(async_call& call, const sent_arguments& command) noexcept {
  if (!channels::are_in(command)) return;
  ++call.channels;  // until all of them are counted
  try {
    channels_.add(command, call, [&](async_call& other) { forget_channel(other); });
  } catch (const std::exception&) {
    return;  // no memory: the call is kept
  }
  --call.channels;
}

void async_session::release(async_call& call) noexcept {
  const std::shared_ptr<async_session> session = std::move(call.session);
  call.session = nullptr;
  call.timing.reset();
  free_.splice(free_.begin(), calls_, call.place);
}

// The answer goes to the call that has taken its place.
void async_session::forget_channel(async_call& call) noexcept {
  if (--call.channels == 0) release(call);
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

// Beside MONITOR, hiredis may call back once more for a command that has been answered; and a subscription
// once for each of its channels, when it frees the context.
void async_session::end_call(async_call& call, const redisReply* reply) noexcept {
  const bool is_subscription = call.channels != 0;
  if (reply == nullptr) return is_subscription ? forget_channel(call) : release(call);
  if (is_subscription) {
    async_call* const forgotten = state_.can_read(native_->c) ? channels_.note(*reply) : nullptr;
    if (forgotten != nullptr) forget_channel(*forgotten);
    return;
  }
  if ((native_->c.flags & REDIS_MONITORING) == 0) return release(call);
  call.is_over = call.noted.kind != command_kind::monitor;
}

void async_session::on_reply(redisAsyncContext* context, void* reply, void* given) noexcept {
  auto& call = *static_cast<async_call*>(given);
  const std::shared_ptr<async_session> session = call.session;
  const bool is_late = session == nullptr || call.is_over;
  if (session != nullptr) {
    session->answered(call, static_cast<const redisReply*>(reply));
    reply_callback* const function = is_late ? nullptr : call.function;
    void* const privdata = call.privdata;
    // Before the callback, which may send the next command.
    session->end_call(call, static_cast<const redisReply*>(reply));
    if (function != nullptr) return function(session->owner_, reply, privdata);
  }
  if (reply != nullptr) free_unclaimed(context->c, reply);
}

}  // namespace querytap::redis::detail
