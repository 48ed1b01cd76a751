#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/decorators/redis/connection.hpp>

#include <cstdarg>
#include <cstddef>
#include <type_traits>

/// The functions of hiredis that connect, send commands and read replies. Each takes and returns what
/// its namesake does; `site` is the line that reports name.
///
///     auto* reply = static_cast<redisReply*>(redisCommand(cache, "GET session:%d", id));
///     freeReplyObject(reply);
///     for (int i = 0; i < 100; ++i) redisAppendCommand(cache, "INCR hits:%d", i);
///     void* answer = nullptr;
///     for (int i = 0; i < 100 && redisGetReply(cache, &answer) == REDIS_OK; ++i) freeReplyObject(answer);
///
/// Source   hiredis.h of hiredis 0.14 and 1.x
namespace querytap::redis {

using location = code_location;

/// A format of redisCommand() with the line that it stands on.
struct command_format {
  template <class Text>
  requires std::is_pointer_v<Text>
  // NOLINTNEXTLINE(google-explicit-constructor): plain calls stay as they are
  command_format(const Text& format, location line = location::current())
  noexcept : text{format}, site{line} {}
  /// Of a literal, whose size the compiler knows. What can be written to may end before.
  template <class Char, std::size_t Size>
  // NOLINTNEXTLINE(google-explicit-constructor)
  command_format(Char (&format)[Size], location line = location::current()) noexcept
      : text{format}, site{line}, size{std::is_const_v<Char> ? Size : 0} {}

  const char* text;
  location site;
  std::size_t size = 0;  ///< with its `\0`; 0: not known
};

// These throw what the constructor of connection does. Null without memory, as in hiredis.
[[nodiscard]] connection* redisConnect(recorder& telemetry, const char* ip, int port,
                                       const connection_options& options = {});
[[nodiscard]] connection* redisConnectWithTimeout(recorder& telemetry, const char* ip, int port,
                                                  timeval limit,
                                                  const connection_options& options = {});
[[nodiscard]] connection* redisConnectUnix(recorder& telemetry, const char* path,
                                           const connection_options& options = {});
[[nodiscard]] connection* redisConnectUnixWithTimeout(recorder& telemetry, const char* path,
                                                      timeval limit,
                                                      const connection_options& options = {});
// These do not wait for the connection, whose time is not measured.
[[nodiscard]] connection* redisConnectNonBlock(recorder& telemetry, const char* ip, int port,
                                               const connection_options& options = {});
[[nodiscard]] connection* redisConnectBindNonBlock(recorder& telemetry, const char* ip, int port,
                                                   const char* source_addr,
                                                   const connection_options& options = {});
[[nodiscard]] connection* redisConnectBindNonBlockWithReuse(recorder& telemetry, const char* ip,
                                                            int port, const char* source_addr,
                                                            const connection_options& options = {});
[[nodiscard]] connection* redisConnectUnixNonBlock(recorder& telemetry, const char* path,
                                                   const connection_options& options = {});
[[nodiscard]] connection* redisConnectFd(recorder& telemetry, detail::descriptor fd,
                                         const connection_options& options = {});
#ifdef QUERYTAP_HIREDIS_1
[[nodiscard]] connection* redisConnectWithOptions(recorder& telemetry, const redisOptions* settings,
                                                  const connection_options& options = {});
#endif

/// The server has forgotten what the old session had set: its database, above all. If the next
/// command is one that needs it, that is a finding (`lost_session`). With hiredis 0.14 the time limit
/// of redisSetTimeout() would be gone, too: it is set again, as hiredis 1.x does.
int redisReconnect(connection* cache) noexcept;
int redisSetTimeout(connection* cache, timeval limit) noexcept;
/// Frees the context, of an observed connection too.
void redisFree(connection* cache) noexcept;
detail::descriptor redisFreeKeepFd(connection* cache) noexcept;

void* redisvCommand(connection* cache, command_format format, va_list values) noexcept;
void* redisCommandArgv(connection* cache, int argc, const char** argv, const std::size_t* argvlen,
                       location site = location::current()) noexcept;

int redisvAppendCommand(connection* cache, command_format format, va_list values) noexcept;
int redisAppendCommandArgv(connection* cache, int argc, const char** argv,
                           const std::size_t* argvlen,
                           location site = location::current()) noexcept;
int redisAppendFormattedCommand(connection* cache, const char* command, std::size_t size,
                                location site = location::current()) noexcept;
int redisGetReplyFromReader(connection* cache, void** reply) noexcept;
int redisBufferWrite(connection* cache, int* done) noexcept;

namespace detail {

/// What the functions below need to know of their connection.
struct pipeline_parts {
  [[nodiscard]] static plain_replies& replies_of(connection& owner) noexcept {
    return owner.plain_replies_;
  }
  [[nodiscard]] static repeated_command& repeated_command_of(connection& owner) noexcept {
    return owner.repeated_command_;
  }
};

void* command(connection* cache, const command_format* format, ...) noexcept;
/// Of a command that is not one more of the same.
int append_other(connection* cache, const command_format* format, ...) noexcept;
/// Where the next reply is one to look at.
int get_reply(connection* cache, void** reply) noexcept;
/// Of a reply that was read as a plain one, and is not; returns the code.
int note_other_reply(connection* cache, int code, void** reply) noexcept;

}  // namespace detail

template <class... Values>
void* redisCommand(connection* cache, command_format format, Values... values) noexcept {
  static_assert((std::is_scalar_v<Values> && ...),
                "hiredis takes numbers and pointers: of a std::string its c_str()");
  return detail::command(cache, &format, values...);
}

template <class... Values>
int redisAppendCommand(connection* cache, command_format format, Values... values) noexcept {
  static_assert((std::is_scalar_v<Values> && ...),
                "hiredis takes numbers and pointers: of a std::string its c_str()");
  detail::repeated_command& repeated = detail::pipeline_parts::repeated_command_of(*cache);
  if (!repeated.is(format.text, format.size, format.site)) {
    return detail::append_other(cache, &format, values...);
  }
  const int code = ::redisAppendCommand(cache->native(), format.text, values...);
  if (code == REDIS_OK) repeated.add();
  return code;
}

inline int redisGetReply(connection* cache, void** reply) noexcept {
  detail::plain_replies& plain = detail::pipeline_parts::replies_of(*cache);
  const bool sends_none = detail::pipeline_parts::repeated_command_of(*cache).count() == 0;
  if (!plain.has_several() || !sends_none || reply == nullptr) {
    return detail::get_reply(cache, reply);
  }
  const int code = detail::next_reply(cache->native(), reply);
  if (code == REDIS_OK && plain.add(*cache->native(), *reply)) [[likely]]
    return code;
  return detail::note_other_reply(cache, code, reply);
}

}  // namespace querytap::redis
