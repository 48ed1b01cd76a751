#pragma once

#include "async_call.hpp"
#include "channels.hpp"
#include "session_state.hpp"

#include <querytap/decorators/redis/async.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>

namespace querytap::redis::detail {

/// What is known of an asynchronous connection. It lasts as long as one of its calls: an observed
/// connection may be gone before its context.
///
/// Threads  those of the event loop.
class async_session : public std::enable_shared_from_this<async_session> {
 public:
  async_session(recorder& telemetry, redisAsyncContext* context, const connection_options& options,
                std::optional<int> database);
  async_session(const async_session&) = delete;
  async_session& operator=(const async_session&) = delete;

  [[nodiscard]] static async_session& of(const async_connection& owner) noexcept;
  /// The connection that is to be deleted when hiredis frees its context.
  [[nodiscard]] static async_connection* make(recorder& telemetry, redisAsyncContext* context,
                                              const connection_options& options);
  void set_owner(async_connection* owner) noexcept { owner_ = owner; }
  /// The connection is gone; its context may be there for longer.
  void end() noexcept;

  [[nodiscard]] int set_connect_callback(status_callback* function) noexcept;
#ifdef QUERYTAP_HIREDIS_1_1
  [[nodiscard]] int set_connect_callback_nc(connect_callback* function) noexcept;
#endif
  [[nodiscard]] int set_disconnect_callback(status_callback* function) noexcept;
  /// What is remembered: calls under way, and channels.
  [[nodiscard]] std::size_t size() const noexcept { return calls_.size() + channels_.size(); }
  /// hiredis will free the context.
  void begin_ending() noexcept;
  /// hiredis will free the context, now or later.
  void begin_disconnect() noexcept;

  /// `send` registers the function and the call with hiredis.
  template <class Send>
  int send(const sent_command& command, reply_callback* function, void* privdata,
           Send send) noexcept {
    const command_kind kind = kind_of_command(command.name());
    async_call* const call = begin(command, kind, function, privdata);
    if (call == nullptr) return REDIS_ERR;
    const int code = send(&async_session::on_reply, call);
    sent(*call, command, kind, code);
    return code;
  }

 private:
  [[nodiscard]] async_call* begin(const sent_command& command, command_kind kind,
                                  reply_callback* function, void* privdata) noexcept;
  void sent(async_call& call, const sent_command& command, command_kind kind, int code) noexcept;
  void subscribed(async_call& call, const sent_arguments& command) noexcept;
  [[nodiscard]] async_call* new_call();
  void release(async_call& call) noexcept;
  void forget_channel(async_call& call) noexcept;
  void end_call(async_call& call, const redisReply* reply) noexcept;
  [[nodiscard]] int watch_connecting() noexcept;
  void answered(async_call& call, const redisReply* reply) noexcept;
  [[nodiscard]] outcome outcome_without_reply() const noexcept;
  void record_connect() noexcept;

  static void on_reply(redisAsyncContext* context, void* reply, void* call) noexcept;
  static void on_connect(const redisAsyncContext* context, int status) noexcept;
  static void on_disconnect(const redisAsyncContext* context, int status) noexcept;

  redisAsyncContext* const native_;
  async_connection* owner_ = nullptr;
  session_state state_;
  bool is_own_ = false;
  bool was_connected_ = true;
  std::uint64_t connecting_since_ = 0;  // ticks
  status_callback* on_connect_ = nullptr;
#ifdef QUERYTAP_HIREDIS_1_1
  connect_callback* on_connect_nc_ = nullptr;
#endif
  status_callback* on_disconnect_ = nullptr;
  std::list<async_call> calls_;  // under way
  std::list<async_call> free_;
  channels channels_;
};

/// What a connection owns of it.
struct async_session_share {
  std::shared_ptr<async_session> session;
};

inline async_session& async_session::of(const async_connection& owner) noexcept {
  return *owner.share_->session;
}

}  // namespace querytap::redis::detail
