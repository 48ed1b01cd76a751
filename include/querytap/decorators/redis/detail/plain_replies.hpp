#pragma once

#include <querytap/decorators/redis/detail/hiredis_version.hpp>

#include <cstdint>

namespace querytap::redis::detail {

/// The replies of a pipeline for which nothing else is to be done than to count them.
///
/// Threads  those of the connection.
/// Cost     some ten instructions for a reply.
class plain_replies {
 public:
  struct counts {
    std::uint32_t replies = 0;
    std::uint64_t texts = 0;  ///< those of them that are a text
    std::uint64_t bytes = 0;  ///< of these
  };

  /// So many replies are to come; those that a reader with other functions makes are not known.
  void expect(std::uint32_t replies, const redisReplyObjectFunctions* functions) noexcept {
    left_ = expected_ = replies;
    functions_ = functions;
  }
  [[nodiscard]] bool empty() const noexcept { return left_ == 0; }
  /// Whether the next reply is not the last of those that are expected.
  [[nodiscard]] bool has_several() const noexcept { return left_ > 1; }

  /// The next reply, while there is one to come. False, with nothing counted, where there is more to do
  /// for it.
  [[nodiscard]] bool add(const redisContext& context, const void* reply) noexcept {
    if (reply == nullptr || context.reader->fn != functions_) return false;
    const auto& known = *static_cast<const redisReply*>(reply);
    if (known.type == REDIS_REPLY_STRING) {
      bytes_ += known.len;
    } else if (known.type == REDIS_REPLY_STATUS || known.type == REDIS_REPLY_INTEGER ||
               known.type == REDIS_REPLY_NIL) {
      ++others_;
    } else {
      return false;
    }
    --left_;
    return true;
  }

  /// What has been counted since expect(). No reply is expected from now on.
  [[nodiscard]] counts take() noexcept {
    const std::uint32_t replies = expected_ - left_;
    const counts counted{replies, replies - others_, bytes_};
    left_ = expected_ = others_ = 0;
    bytes_ = 0;
    return counted;
  }

 private:
  std::uint32_t left_ = 0;
  std::uint32_t expected_ = 0;
  std::uint32_t others_ = 0;  // of those that are there: without a text
  std::uint64_t bytes_ = 0;
  const redisReplyObjectFunctions* functions_ = nullptr;
};

}  // namespace querytap::redis::detail
