#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/servers/redis/redis_address.hpp>

#include <hiredis.h>

#include <sys/types.h>

#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// Why a Redis server gave no answer. Without its text.
class redis_trouble : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An answer that is an error, known by its first word, such as `NOAUTH`.
class refused_by_redis final : public redis_trouble {
 public:
  refused_by_redis(const std::string& message, std::string code)
      : redis_trouble{message}, code_{std::move(code)} {}

  [[nodiscard]] const std::string& code() const noexcept { return code_; }

 private:
  std::string code_;
};

struct redis_reply_deleter {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
struct redis_reader_deleter {
  void operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }
};
using server_reply = std::unique_ptr<redisReply, redis_reply_deleter>;

[[nodiscard]] std::string_view text_in_reply(const redisReply& reply) noexcept;
/// The elements of a list; empty for any other reply.
[[nodiscard]] std::vector<const redisReply*> elements_of_reply(const redisReply& reply);

/// `db.system.name`, `server.address` and, unless it is the usual one, `server.port`: as the calls of the
/// decorator have them.
[[nodiscard]] attributes labels_of(const redis_address& address);

/// A connection that waits for the server until a deadline at the latest. It connects on first use, once more
/// in the child of a fork, and once more within a command where the server has closed it meanwhile.
///
/// The bytes are hiredis', the socket is not: hiredis writes to a closed socket with a SIGPIPE.
///
/// Threads  one at a time.
/// Errors   redis_trouble; refused_by_redis for an error, after which the connection can go on.
class redis_session {
 public:
  using deadline = std::chrono::steady_clock::time_point;

  explicit redis_session(redis_address address);
  ~redis_session() { disconnect(); }
  redis_session(const redis_session&) = delete;
  redis_session& operator=(const redis_session&) = delete;

  [[nodiscard]] server_reply ask(const std::vector<std::string_view>& arguments, deadline until);
  [[nodiscard]] const redis_address& address() const noexcept { return address_; }

 private:
  struct lost_connection {};

  void connect(deadline until);
  void connect_socket(deadline until);
  bool begin_connecting(int family, const void* address, std::size_t size, deadline until);
  void authenticate(deadline until);
  [[nodiscard]] server_reply exchange(const std::vector<std::string_view>& arguments,
                                      deadline until);
  void write_all(std::string_view bytes, deadline until);
  [[nodiscard]] server_reply read_reply(deadline until);
  void wait_for(short events, deadline until);
  void disconnect() noexcept;
  [[noreturn]] void fail(const char* reason);

  const redis_address address_;
  std::unique_ptr<redisReader, redis_reader_deleter> reader_;
  int socket_ = -1;
  pid_t process_ = 0;
};

}  // namespace querytap::detail
