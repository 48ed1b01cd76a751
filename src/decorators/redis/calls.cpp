#include <querytap/decorators/redis/calls.hpp>

#include "formatted_command.hpp"
#include "session.hpp"

#include <cstring>

namespace querytap::redis {
namespace {

/// Sends a command and returns its reply, or what else is due.
template <class Append>
void* call(connection* cache, const detail::sent_command& command, Append append) noexcept {
  detail::session& session = detail::session::of(*cache);
  if (session.is_idle()) return session.call(command, append);
  if (append(cache->native()) != REDIS_OK) return nullptr;
  session.appended(command);
  void* reply = nullptr;
  const bool waits = (cache->flags & REDIS_BLOCK) != 0;
  return waits && session.get_reply(&reply) == REDIS_OK ? reply : nullptr;
}

/// Of a command that may be any. hiredis reports what it cannot format, so it is asked once more.
void* other_command(connection* cache, const command_format& format, va_list values) noexcept {
  va_list again;
  va_copy(again, values);
  const detail::formatted_command formatted{format.text, values};
  void* reply = nullptr;
  if (!formatted.is_valid()) {
    reply = ::redisvCommand(cache->native(), format.text, again);
  } else {
    const detail::sent_command command{format.text, detail::sent_arguments{formatted.bytes()},
                                       format.site};
    reply =
        call(cache, command, [&](redisContext* context) { return formatted.append_to(context); });
  }
  va_end(again);
  return reply;
}

}  // namespace

void* redisvCommand(connection* cache, command_format format, va_list values) noexcept {
  detail::session& session = detail::session::of(*cache);
  const statement* const known = session.known_statement(format.text, format.site);
  if (known == nullptr) [[unlikely]]
    return other_command(cache, format, values);
  return session.call_known(*known, format.site, [&](redisContext* context) {
    return ::redisvCommand(context, format.text, values);
  });
}

void* redisCommandArgv(connection* cache, int argc, const char** argv, const std::size_t* argvlen,
                       location site) noexcept {
  const detail::sent_command command{{}, {argc, argv, argvlen}, site};
  return call(cache, command, [=](redisContext* context) {
    return ::redisAppendCommandArgv(context, argc, argv, argvlen);
  });
}

int redisvAppendCommand(connection* cache, command_format format, va_list values) noexcept {
  detail::session& session = detail::session::of(*cache);
  if (session.is_repeated(format.text, format.site)) {
    const int code = ::redisvAppendCommand(cache->native(), format.text, values);
    if (code == REDIS_OK) session.appended_again();
    return code;
  }
  va_list again;
  va_copy(again, values);
  const detail::formatted_command formatted{format.text, values};
  const int code = formatted.is_valid()
                       ? formatted.append_to(cache->native())
                       : ::redisvAppendCommand(cache->native(), format.text, again);
  va_end(again);
  if (code == REDIS_OK && formatted.is_valid()) {
    session.appended({format.text, detail::sent_arguments{formatted.bytes()}, format.site});
  }
  return code;
}

int redisAppendCommandArgv(connection* cache, int argc, const char** argv,
                           const std::size_t* argvlen, location site) noexcept {
  const int code = ::redisAppendCommandArgv(cache->native(), argc, argv, argvlen);
  if (code == REDIS_OK) detail::session::of(*cache).appended({{}, {argc, argv, argvlen}, site});
  return code;
}

int redisAppendFormattedCommand(connection* cache, const char* command, std::size_t size,
                                location site) noexcept {
  const int code = ::redisAppendFormattedCommand(cache->native(), command, size);
  if (code == REDIS_OK) {
    detail::session::of(*cache).appended(
        {{}, detail::sent_arguments{std::string_view{command, size}}, site});
  }
  return code;
}

int redisGetReplyFromReader(connection* cache, void** reply) noexcept {
  return detail::session::of(*cache).get_reply_from_reader(reply);
}

int redisBufferWrite(connection* cache, int* done) noexcept {
  return detail::session::of(*cache).write(done);
}

namespace detail {

void* command(connection* cache, const command_format* format, ...) noexcept {
  va_list values;
  va_start(values, format);
  void* const reply = redisvCommand(cache, *format, values);
  va_end(values);
  return reply;
}

int append_other(connection* cache, const command_format* format, ...) noexcept {
  va_list values;
  va_start(values, format);
  const int code = redisvAppendCommand(cache, *format, values);
  va_end(values);
  return code;
}

int get_reply(connection* cache, void** reply) noexcept {
  return session::of(*cache).get_reply(reply);
}

int note_other_reply(connection* cache, int code, void** reply) noexcept {
  return session::of(*cache).note_other_reply(code, reply);
}

}  // namespace detail
}  // namespace querytap::redis
