// Whatever a server of Redis sends, the application gets what hiredis makes of it, and each call ends once,
// as one of the kinds that there are.

#include <querytap/decorators/redis.hpp>
#include <querytap/recording/recorder.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

using namespace querytap;

namespace {

void require(bool right) {
  if (!right) std::abort();
}

/// One end of a connection whose other end has sent these bytes, and sends no more.
class sent_bytes {
 public:
  explicit sent_bytes(std::string_view bytes) {
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_) == 0);
    require(write(ends_[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    require(shutdown(ends_[1], SHUT_WR) == 0);
  }
  sent_bytes(const sent_bytes&) = delete;
  sent_bytes& operator=(const sent_bytes&) = delete;
  ~sent_bytes() { close(ends_[1]); }

  /// Closed by whoever uses it.
  [[nodiscard]] int descriptor() const noexcept { return ends_[0]; }

 private:
  int ends_[2] = {-1, -1};
};

constexpr const char* commands[] = {
    "GET key",        "SET key value", "INCR key",        "KEYS *",   "MULTI",
    "EXEC",           "DISCARD",       "SELECT 3",        "SELECT x", "SUBSCRIBE news weather",
    "UNSUBSCRIBE",    "PSUBSCRIBE n*", "MONITOR",         "RESET",    "HELLO 3",
    "AUTH canary",    "BLPOP list 0",  "CLIENT REPLY ON", "%s key",   "CLIENT REPLY SKIP",
    "OBJECT FREQ %s", "XREAD BLOCK 0",
};

void describe(const redisReply* reply, std::string& into) {
  if (reply == nullptr) {
    into += "null ";
    return;
  }
  into += std::to_string(reply->type) + ' ';
  if (reply->type == REDIS_REPLY_INTEGER) into += std::to_string(reply->integer) + ' ';
  if (reply->str != nullptr) into += std::string{reply->str, reply->len} + ' ';
  if (reply->type != REDIS_REPLY_ARRAY) return;
  into += '[';
  for (std::size_t i = 0; i < reply->elements; ++i) describe(reply->element[i], into);
  into += ']';
}

// hiredis 0.14 does not free a reply that nobody takes; the decorator does.
int pass_over(redis::connection* cache) { return redisGetReply(cache, nullptr); }
int pass_over(redisContext* cache) {
  void* reply = nullptr;
  const int code = redisGetReply(cache, &reply);
  if (code == REDIS_OK) freeReplyObject(reply);
  return code;
}

/// What the application sees: of a redisContext or a redis::connection.
template <class Handle>
class conversation {
 public:
  explicit conversation(Handle* cache) : cache_{cache} {}

  /// A small letter sends a command and waits, a capital one appends it; others read.
  void step(char letter) {
    const auto at = [&](char first) { return static_cast<std::size_t>(letter - first); };
    void* reply = nullptr;
    int code = REDIS_OK;
    if (letter >= 'a' && at('a') < std::size(commands)) {
      reply = redisCommand(cache_, commands[at('a')], "GET");
    } else if (letter >= 'A' && at('A') < std::size(commands)) {
      code = redisAppendCommand(cache_, commands[at('A')], "GET");
    } else if (letter == '+') {
      for (int i = 0; i < 3; ++i) code |= redisAppendCommand(cache_, "GET key:%d", i);
    } else if (letter == '0') {
      code = pass_over(cache_);
    } else if (letter == '1') {
      code = redisGetReplyFromReader(cache_, &reply);
    } else if (letter == '2') {
      code = redisBufferWrite(cache_, &done_);
    } else {
      code = redisGetReply(cache_, &reply);
    }
    seen_ += std::to_string(code) + ' ';
    describe(code == REDIS_OK ? static_cast<redisReply*>(reply) : nullptr, seen_);
    if (code == REDIS_OK) freeReplyObject(reply);
  }

  [[nodiscard]] std::string end() {
    seen_ += std::to_string(cache_->err) + cache_->errstr;
    redisFree(cache_);
    return seen_;
  }

 private:
  Handle* cache_;
  std::string seen_;
  int done_ = 0;
};

template <class Handle>
std::string run(Handle* cache, std::string_view steps) {
  conversation<Handle> talk{cache};
  for (const char letter : steps) talk.step(letter);
  return talk.end();
}

bool is_error_type(std::string_view type) {
  constexpr std::string_view own[] = {"_OTHER",         "timeout",       "broken_connection",
                                      "protocol_error", "out_of_memory", "client_error",
                                      "abandoned"};
  if (std::find(std::begin(own), std::end(own), type) != std::end(own)) return true;
  const auto is_of_prefix = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !type.empty() && type.size() <= 16 && std::all_of(type.begin(), type.end(), is_of_prefix);
}

/// hiredis allocates as many elements as a server announces, whether they come or not.
bool announces_many(std::string_view bytes) {
  constexpr std::size_t most_digits = 5;
  for (std::size_t at = bytes.find('*'); at != bytes.npos; at = bytes.find('*', at + 1)) {
    const std::size_t first = bytes.find_first_not_of("+-0", at + 1);
    if (first == bytes.npos) return false;
    if (bytes.find_first_not_of("0123456789", first) - first > most_digits) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  recorder telemetry{{.service_name = "fuzzed"}};
  constexpr std::size_t most_steps = 64;
  const std::string_view all{reinterpret_cast<const char*>(data), size};
  const std::size_t line = std::min(all.find('\n'), size);
  const std::string_view steps = all.substr(0, std::min(line, most_steps));
  const std::string_view bytes = all.substr(std::min(line + 1, size));
  if (announces_many(bytes)) return 0;

  const sent_bytes bare{bytes};
  const sent_bytes watched{bytes};
  const std::string expected = run(::redisConnectFd(bare.descriptor()), steps);
  const std::string seen = run(redis::redisConnectFd(telemetry, watched.descriptor(),
                                                     {.large_reply = 100, .expects_expiry = true}),
                               steps);
  require(seen == expected);

  const snapshot collected = telemetry.collect();
  require(collected.active.empty());
  for (const point& each : collected.find("db.client.operation.duration")) {
    const attribute_value* const type = each.series->labels.find("error.type");
    require(type == nullptr || is_error_type(to_string(*type)));
  }
  return 0;
}
