#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/detail/pimpl.hpp>
#include <querytap/decorators/redis/calls.hpp>
#include <querytap/decorators/redis/connection.hpp>

#include <async.h>

#include <cstdarg>
#include <cstddef>
#include <optional>
#include <type_traits>

/// hiredis' asynchronous commands, under any event loop: each is timed from its sending to its callback.
///
///     redis::async_connection* cache = redis::redisAsyncConnect(recorder, "127.0.0.1", 6379);
///     redisLibeventAttach(cache->native(), loop);                  // the adapters are hiredis' own
///     redisAsyncCommand(cache, on_session, state, "GET session:%d", id);
///     redisAsyncDisconnect(cache);
///
/// The first argument of a callback is the `async_connection*`; `privdata`, `data` and the replies are
/// the application's. A callback without a reply is a failed call: `broken_connection` or `timeout`,
/// and `abandoned`, as cancelled, after redisAsyncFree(). SUBSCRIBE lasts until its first answer;
/// messages are counted, not timed.
///
/// Threads  as in hiredis: those of the event loop.
/// Cost     two clock reads and one record per command; no allocation once warm.
/// Errors   those of hiredis. Connecting throws for options that cannot be used.
/// Lifetime as in hiredis the connection is gone after its disconnect callback, after a connect
///          callback that says REDIS_ERR, and after redisAsyncFree(). Made by observe(), it is the
///          application's, and outlives the callbacks of its commands.
/// Source   async.h of hiredis 0.14 and 1.x
namespace querytap::redis {

class async_connection;

namespace detail {
class async_session;
struct async_session_share;
}  // namespace detail

using reply_callback = void(async_connection*, void* reply, void* privdata);
using status_callback = void(const async_connection*, int status);
#ifdef QUERYTAP_HIREDIS_1_1
using connect_callback = void(async_connection*, int status);
#endif

class async_connection {
 public:
  /// Times commands on a context that the application owns, and whose connect and disconnect
  /// callbacks are its own.
  async_connection(recorder& telemetry, redisAsyncContext* context,
                   const connection_options& options = {});
  async_connection(const async_connection&) = delete;
  async_connection& operator=(const async_connection&) = delete;
  ~async_connection();

  [[nodiscard]] redisAsyncContext* native() const noexcept { return native_; }

 private:
  friend class detail::async_session;
  async_connection(recorder& telemetry, redisAsyncContext* context,
                   const connection_options& options, std::optional<int> database);

  redisAsyncContext* const native_;

 public:
  // The members of redisAsyncContext that applications read and write.
  redisContext& c;
  int& err;
  char*& errstr;
  void*& data;

 private:
  const querytap::detail::pimpl<detail::async_session_share> share_;
};

[[nodiscard]] inline async_connection observe(recorder& telemetry, redisAsyncContext* context,
                                              const connection_options& options = {}) {
  return async_connection{telemetry, context, options};
}

[[nodiscard]] async_connection* redisAsyncConnect(recorder& telemetry, const char* ip, int port,
                                                  const connection_options& options = {});
[[nodiscard]] async_connection* redisAsyncConnectBind(recorder& telemetry, const char* ip, int port,
                                                      const char* source_addr,
                                                      const connection_options& options = {});
[[nodiscard]] async_connection* redisAsyncConnectBindWithReuse(
    recorder& telemetry, const char* ip, int port, const char* source_addr,
    const connection_options& options = {});
[[nodiscard]] async_connection* redisAsyncConnectUnix(recorder& telemetry, const char* path,
                                                      const connection_options& options = {});
#ifdef QUERYTAP_HIREDIS_1
[[nodiscard]] async_connection* redisAsyncConnectWithOptions(
    recorder& telemetry, const redisOptions* settings, const connection_options& options = {});
#endif

// Of a connection that was made by the functions above.
int redisAsyncSetConnectCallback(async_connection* cache, status_callback* function) noexcept;
#ifdef QUERYTAP_HIREDIS_1_1
int redisAsyncSetConnectCallbackNC(async_connection* cache, connect_callback* function) noexcept;
#endif
int redisAsyncSetDisconnectCallback(async_connection* cache, status_callback* function) noexcept;
void redisAsyncDisconnect(async_connection* cache) noexcept;
void redisAsyncFree(async_connection* cache) noexcept;

inline void redisAsyncHandleRead(async_connection* cache) noexcept {
  ::redisAsyncHandleRead(cache->native());
}
inline void redisAsyncHandleWrite(async_connection* cache) noexcept {
  ::redisAsyncHandleWrite(cache->native());
}
#ifdef QUERYTAP_HIREDIS_1
inline void redisAsyncHandleTimeout(async_connection* cache) noexcept {
  ::redisAsyncHandleTimeout(cache->native());
}
inline int redisAsyncSetTimeout(async_connection* cache, timeval limit) noexcept {
  return ::redisAsyncSetTimeout(cache->native(), limit);
}
inline redisAsyncPushFn* redisAsyncSetPushCallback(async_connection* cache,
                                                   redisAsyncPushFn* function) noexcept {
  return ::redisAsyncSetPushCallback(cache->native(), function);
}
#endif

int redisvAsyncCommand(async_connection* cache, reply_callback* function, void* privdata,
                       command_format format, va_list values) noexcept;
int redisAsyncCommandArgv(async_connection* cache, reply_callback* function, void* privdata,
                          int argc, const char** argv, const std::size_t* argvlen,
                          location site = location::current()) noexcept;
int redisAsyncFormattedCommand(async_connection* cache, reply_callback* function, void* privdata,
                               const char* command, std::size_t size,
                               location site = location::current()) noexcept;

namespace detail {
int async_command(async_connection* cache, reply_callback* function, void* privdata,
                  const command_format* format, ...) noexcept;
}  // namespace detail

template <class... Values>
int redisAsyncCommand(async_connection* cache, reply_callback* function, void* privdata,
                      command_format format, Values... values) noexcept {
  static_assert((std::is_scalar_v<Values> && ...),
                "hiredis takes numbers and pointers: of a std::string its c_str()");
  return detail::async_command(cache, function, privdata, &format, values...);
}

}  // namespace querytap::redis
