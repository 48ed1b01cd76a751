#pragma once

#include "session_state.hpp"

#include <querytap/calls/operation.hpp>
#include <querytap/decorators/redis/async.hpp>

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace querytap::redis::detail {

class async_session;

/// What hiredis hands back with a reply: whose it is, and since when it has been waited for.
struct async_call {
  std::optional<operation> timing;
  const statement* identity = nullptr;  // as long as the operation lasts
  code_location site;
  noted_command noted;
  reply_callback* function = nullptr;
  void* privdata = nullptr;
  bool receives_messages = false;          // called many times, and part of its session
  std::shared_ptr<async_session> session;  // while it is under way
};

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
  [[nodiscard]] int set_disconnect_callback(status_callback* function) noexcept;
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
    sent(*call, kind, code);
    return code;
  }

 private:
  [[nodiscard]] async_call* begin(const sent_command& command, command_kind kind,
                                  reply_callback* function, void* privdata) noexcept;
  void sent(async_call& call, command_kind kind, int code) noexcept;
  [[nodiscard]] async_call* new_call();
  void release(async_call& call) noexcept;
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
  status_callback* on_disconnect_ = nullptr;
  std::list<async_call> calls_;  // under way
  std::list<async_call> free_;
  // hiredis does not say when it has forgotten a subscription: each is kept for the next of its kind.
  std::map<std::pair<reply_callback*, void*>, async_call> subscriptions_;
};

/// What a connection owns of it.
struct async_session_share {
  std::shared_ptr<async_session> session;
};

inline async_session& async_session::of(const async_connection& owner) noexcept {
  return *owner.share_->session;
}

}  // namespace querytap::redis::detail
