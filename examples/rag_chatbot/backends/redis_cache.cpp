#include <rag_chatbot/backends/redis_cache.hpp>

#include <querytap/decorators/redis.hpp>
#include <querytap/policies/pool.hpp>

#include <rag_chatbot/retrieval/hash.hpp>

#include <fmt/format.h>

#include <stdexcept>

namespace rag_chatbot {
namespace {

namespace redis = querytap::redis;

constexpr std::size_t most_cache_connections = 4;
constexpr timeval longest_wait_for_cache{1, 0};  // an answer is there without it, too

/// One connection, freed by its destructor.
class cache_connection {
 public:
  cache_connection(querytap::recorder& recorder, const address& server)
      : native_{redis::redisConnectWithTimeout(recorder, server.host.c_str(), server.port,
                                               longest_wait_for_cache, {.expects_expiry = true})} {
    if (native_ == nullptr) throw std::bad_alloc{};
    if (native_->err != 0) {
      const std::string reason = native_->errstr;
      redis::redisFree(native_);
      throw std::runtime_error{fmt::format("redis {}: {}", to_string(server), reason)};
    }
    redis::redisSetTimeout(native_, longest_wait_for_cache);  // of each command
  }
  cache_connection(const cache_connection&) = delete;
  cache_connection& operator=(const cache_connection&) = delete;
  ~cache_connection() { redis::redisFree(native_); }

  [[nodiscard]] redis::connection* native() const noexcept { return native_; }

 private:
  redis::connection* native_;
};

struct free_reply {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using reply_of_redis = std::unique_ptr<redisReply, free_reply>;

/// Questions are in no key: `answer:` and a hash.
std::string key_of(std::string_view question) {
  return fmt::format("answer:{:016x}", hash_of(question));
}

class redis_cache final : public answer_cache {
 public:
  redis_cache(querytap::recorder& recorder, const address& server)
      : connections_{
            recorder,
            // Whoever waits for long could have made the answer anew.
            {.name = "cache",
             .minimum = 1,
             .maximum = most_cache_connections,
             .acquisition_timeout = std::chrono::milliseconds{100}},
            [&recorder, server] { return std::make_unique<cache_connection>(recorder, server); }} {
    static_cast<void>(connections_.acquire());  // reached, or an exception
  }

  std::optional<std::string> find(std::string_view key) override {
    std::optional<std::string> found;
    ask([&](redis::connection* cache) {
      reply_of_redis reply{
          static_cast<redisReply*>(redisCommand(cache, "GET %s", key_of(key).c_str()))};
      if (reply != nullptr && reply->type == REDIS_REPLY_STRING) {
        found.emplace(reply->str, reply->len);
      }
    });
    return found;
  }

  void keep(std::string_view key, std::string_view reply) override {
    ask([&](redis::connection* cache) {
      reply_of_redis{static_cast<redisReply*>(redisCommand(
          cache, "SET %s %b EX 3600", key_of(key).c_str(), reply.data(), reply.size()))};
    });
  }

 private:
  // A connection that has failed answers no further command.
  template <class Ask>
  void ask(Ask ask) {
    try {
      auto lease = connections_.acquire();
      ask(lease->native());
      if (lease->native()->err != 0) lease.discard();
    } catch (const std::exception&) {
      return;  // measured, and reported, by the pool and its connections
    }
  }

  querytap::pool<cache_connection> connections_;
};

}  // namespace

std::unique_ptr<answer_cache> open_redis_cache(querytap::recorder& recorder,
                                               const address& server) {
  return std::make_unique<redis_cache>(recorder, server);
}

}  // namespace rag_chatbot
