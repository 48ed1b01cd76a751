#include "channels.hpp"

#include "../../base/ascii.hpp"
#include "async_call.hpp"
#include "redis_failure.hpp"

namespace querytap::redis::detail {
namespace {

bool is_of_patterns(std::string_view word) noexcept {
  return !word.empty() && querytap::detail::ascii_lower(word.front()) == 'p';
}

/// Without the letter of patterns.
bool is_word(std::string_view word, std::string_view expected) noexcept {
  if (is_of_patterns(word)) word.remove_prefix(1);
  return querytap::detail::equal_ignoring_case(word, expected);
}

}  // namespace

bool channels::are_in(sent_arguments command) noexcept {
  std::string_view word;
  return command.next(word) && is_word(word, "subscribe") && command.next(word);
}

void channels::add(sent_arguments command, async_call& call,
                   const std::function<void(async_call&)>& replaced) {
  std::string_view word;
  static_cast<void>(command.next(word));
  by_name& known = is_of_patterns(word) ? patterns_ : names_;
  // As hiredis counts: from the last channel on that was known.
  int pending = 1;
  while (command.next(word)) {
    const auto [place, is_new] = known.try_emplace(std::string{word}, subscription{&call, pending});
    ++call.channels;
    if (is_new) continue;
    pending = place->second.pending + 1;
    async_call& before = *place->second.call;
    place->second = {&call, pending};
    replaced(before);
  }
}

async_call* channels::note(const redisReply& message) noexcept {
  constexpr std::size_t least = 2;
  if (message.elements < least || message.element == nullptr || message.element[0] == nullptr ||
      message.element[1] == nullptr) {
    return nullptr;
  }
  const std::string_view kind = text_of(*message.element[0]);
  by_name& known = is_of_patterns(kind) ? patterns_ : names_;
  const auto place = known.find(text_of(*message.element[1]));
  if (place == known.end()) return nullptr;
  if (is_word(kind, "subscribe")) --place->second.pending;
  if (!is_word(kind, "unsubscribe") || place->second.pending != 0) return nullptr;
  async_call* const forgotten = place->second.call;
  known.erase(place);
  return forgotten;
}

}  // namespace querytap::redis::detail
