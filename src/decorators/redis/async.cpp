#include <querytap/decorators/redis/async.hpp>

#include "async_session.hpp"
#include "formatted_command.hpp"

namespace querytap::redis {
namespace {

async_connection* async_connection_of(recorder& telemetry, redisAsyncContext* context,
                                      const connection_options& options) {
  if (context == nullptr) return nullptr;
  try {
    return detail::async_session::make(telemetry, context, options);
  } catch (...) {
    ::redisAsyncFree(context);
    throw;
  }
}

}  // namespace

async_connection::async_connection(recorder& telemetry, redisAsyncContext* context,
                                   const connection_options& options)
    : async_connection{telemetry, context, options, std::nullopt} {}

async_connection::async_connection(recorder& telemetry, redisAsyncContext* context,
                                   const connection_options& options, std::optional<int> database)
    : native_{context},
      c{context->c},
      err{context->err},
      errstr{context->errstr},
      data{context->data},
      share_{new detail::async_session_share{
          std::make_shared<detail::async_session>(telemetry, context, options, database)}} {
  share_->session->set_owner(this);
}

async_connection::~async_connection() { share_->session->end(); }

async_connection* redisAsyncConnect(recorder& telemetry, const char* ip, int port,
                                    const connection_options& options) {
  return async_connection_of(telemetry, ::redisAsyncConnect(ip, port), options);
}

async_connection* redisAsyncConnectBind(recorder& telemetry, const char* ip, int port,
                                        const char* source_addr,
                                        const connection_options& options) {
  return async_connection_of(telemetry, ::redisAsyncConnectBind(ip, port, source_addr), options);
}

async_connection* redisAsyncConnectBindWithReuse(recorder& telemetry, const char* ip, int port,
                                                 const char* source_addr,
                                                 const connection_options& options) {
  return async_connection_of(telemetry, ::redisAsyncConnectBindWithReuse(ip, port, source_addr),
                             options);
}

async_connection* redisAsyncConnectUnix(recorder& telemetry, const char* path,
                                        const connection_options& options) {
  return async_connection_of(telemetry, ::redisAsyncConnectUnix(path), options);
}

#ifdef QUERYTAP_HIREDIS_1
async_connection* redisAsyncConnectWithOptions(recorder& telemetry, const redisOptions* settings,
                                               const connection_options& options) {
  return async_connection_of(telemetry, ::redisAsyncConnectWithOptions(settings), options);
}
#endif

int redisAsyncSetConnectCallback(async_connection* cache, status_callback* function) noexcept {
  return detail::async_session::of(*cache).set_connect_callback(function);
}

#ifdef QUERYTAP_HIREDIS_1_1
int redisAsyncSetConnectCallbackNC(async_connection* cache, connect_callback* function) noexcept {
  return detail::async_session::of(*cache).set_connect_callback_nc(function);
}
#endif

int redisAsyncSetDisconnectCallback(async_connection* cache, status_callback* function) noexcept {
  return detail::async_session::of(*cache).set_disconnect_callback(function);
}

void redisAsyncDisconnect(async_connection* cache) noexcept {
  detail::async_session::of(*cache).begin_disconnect();
  ::redisAsyncDisconnect(cache->native());
}

void redisAsyncFree(async_connection* cache) noexcept {
  if (cache == nullptr) return;
  detail::async_session::of(*cache).begin_ending();
  ::redisAsyncFree(cache->native());
}

int redisvAsyncCommand(async_connection* cache, reply_callback* function, void* privdata,
                       command_format format, va_list values) noexcept {
  const detail::formatted_command formatted{format.text, values};
  if (!formatted.is_valid()) return REDIS_ERR;  // as hiredis has it
  const std::string_view bytes = formatted.bytes();
  return detail::async_session::of(*cache).send(
      {format.text, detail::sent_arguments{bytes}, format.site}, function, privdata,
      [&](redisCallbackFn* on_reply, void* call) {
        return ::redisAsyncFormattedCommand(cache->native(), on_reply, call, bytes.data(),
                                            bytes.size());
      });
}

int redisAsyncCommandArgv(async_connection* cache, reply_callback* function, void* privdata,
                          int argc, const char** argv, const std::size_t* argvlen,
                          location site) noexcept {
  return detail::async_session::of(*cache).send(
      {{}, {argc, argv, argvlen}, site}, function, privdata,
      [&](redisCallbackFn* on_reply, void* call) {
        return ::redisAsyncCommandArgv(cache->native(), on_reply, call, argc, argv, argvlen);
      });
}

int redisAsyncFormattedCommand(async_connection* cache, reply_callback* function, void* privdata,
                               const char* command, std::size_t size, location site) noexcept {
  return detail::async_session::of(*cache).send(
      {{}, detail::sent_arguments{std::string_view{command, size}}, site}, function, privdata,
      [&](redisCallbackFn* on_reply, void* call) {
        return ::redisAsyncFormattedCommand(cache->native(), on_reply, call, command, size);
      });
}

int detail::async_command(async_connection* cache, reply_callback* function, void* privdata,
                          const command_format* format, ...) noexcept {
  va_list values;
  va_start(values, format);
  const int code = redisvAsyncCommand(cache, function, privdata, *format, values);
  va_end(values);
  return code;
}

}  // namespace querytap::redis
