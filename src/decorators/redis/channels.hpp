#pragma once

#include "sent_command.hpp"

#include <hiredis.h>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace querytap::redis::detail {

struct async_call;

/// Which call hiredis will call for each channel and pattern. hiredis does not say when it forgets one,
/// so the same is counted here.
///
/// Source   async.c of hiredis 0.14 and 1.x
class channels {
 public:
  /// Whether hiredis takes it for a subscription: SUBSCRIBE and PSUBSCRIBE with a channel.
  [[nodiscard]] static bool are_in(sent_arguments command) noexcept;

  /// Such a command has been sent. `replaced` is called with each call that hiredis had for a channel.
  /// Throws without memory.
  void add(sent_arguments command, async_call& call,
           const std::function<void(async_call&)>& replaced);

  /// A message of a subscription. Returns the call that hiredis has forgotten for its channel, or null.
  [[nodiscard]] async_call* note(const redisReply& message) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return names_.size() + patterns_.size(); }

 private:
  struct subscription {
    async_call* call;
    int pending;  // answers that are still to come
  };
  using by_name = std::map<std::string, subscription, std::less<>>;

  by_name names_;
  by_name patterns_;
};

}  // namespace querytap::redis::detail
