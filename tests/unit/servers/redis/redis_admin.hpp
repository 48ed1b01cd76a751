#pragma once

#include <querytap/servers/redis/redis_address.hpp>
#include <support/redis_server.hpp>

#include <hiredis.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace querytap::testing {

[[nodiscard]] inline redis_address address_of(const redis_server& server) {
  return {.port = static_cast<std::uint16_t>(server.port())};
}

/// A connection without a decorator.
class redis_admin {
 public:
  explicit redis_admin(const redis_server& server)
      : context_{::redisConnect("127.0.0.1", server.port())} {
    if (!context_ || context_->err != 0) throw std::runtime_error{"no connection to Redis"};
  }

  /// The text of the answer, whether it is an error or not; a number as text.
  std::string ask(const std::vector<std::string>& words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string& word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    const std::unique_ptr<redisReply, void (*)(void*)> reply{
        static_cast<redisReply*>(::redisCommandArgv(context_.get(), static_cast<int>(words.size()),
                                                    texts.data(), sizes.data())),
        &::freeReplyObject};
    if (!reply) throw std::runtime_error{context_->errstr};
    if (reply->type == REDIS_REPLY_INTEGER) return std::to_string(reply->integer);
    return reply->str == nullptr ? std::string{} : std::string{reply->str, reply->len};
  }

  /// Sends a command, and waits for no answer.
  void begin(const std::vector<std::string>& words) {
    std::vector<const char*> texts;
    for (const std::string& word : words) texts.push_back(word.c_str());
    ::redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(), nullptr);
    for (int done = 0; done == 0;) {
      if (::redisBufferWrite(context_.get(), &done) != REDIS_OK) {
        throw std::runtime_error{context_->errstr};
      }
    }
  }

 private:
  struct closer {
    void operator()(redisContext* context) const noexcept { ::redisFree(context); }
  };
  std::unique_ptr<redisContext, closer> context_;
};

}  // namespace querytap::testing
