#include "answer_stream.hpp"

#include <algorithm>

namespace querytap::llm::detail {
namespace {

// A text in several parts is that of a message of chat completions.
bool needs_parsing(const model_reply& message) noexcept {
  const auto has_parts = [](const reply_text& text) {
    return !text.has_escapes && text.raw.size() != text.bytes;
  };
  return message.choices > 1 ||
         (message.choices == 1 && (has_parts(message.text) || has_parts(message.refusal)));
}

}  // namespace

bool answer_stream::take(std::string_view part) {
  if (!has_begun_) {
    // Blanks at the front mean nothing, in events and in JSON alike.
    part.remove_prefix(std::min(part.find_first_not_of(" \t\r\n"), part.size()));
    if (part.empty()) return true;
    has_begun_ = true;
    streams_ = part.front() != '{';
    call_.status(200);  // only the body of a good answer comes here
  }
  if (streams_) {
    call_.feed(part, [this](const model_reply& message) { give(message); });
    return !is_stopped_ && !is_too_large_;
  }
  is_too_large_ = body_.size() + part.size() > largest_body_;
  if (!is_too_large_) body_ += part;
  return !is_too_large_;
}

void answer_stream::give(const model_reply& message) {
  if (is_stopped_) return;  // what has come with the piece at which the caller ended it
  constexpr std::size_t size_of_tool_call = 64;
  kept_ += message.text.bytes + message.reasoning.bytes + message.refusal.bytes +
           message.tool_bytes + size_of_tool_call * message.tool_calls;
  is_too_large_ = is_too_large_ || kept_ > largest_body_;
  if (is_too_large_) return;
  const bool is_first = message.choice == 0;
  if (message.tool_calls != 0 || message.tool_bytes != 0) tools_.add(message.json);
  if (needs_parsing(message) && give_of_several(message)) return;
  std::string of_other_choice;
  give(message.reasoning, delta::part::reasoning, message.choice,
       is_first ? answer_.reasoning : of_other_choice);
  give(message.text, delta::part::text, message.choice, is_first ? answer_.text : of_other_choice);
  give(message.refusal, delta::part::refusal, message.choice,
       is_first ? answer_.refusal : of_other_choice);
  for (std::size_t i = 0; i < finish_reasons; ++i) {
    if (is_first && message.finished[i] != 0) answer_.finish_reason = querytap::finish_reason(i);
  }
}

// False for what only looks like JSON.
bool answer_stream::give_of_several(const model_reply& message) {
  const std::vector<choice_piece> pieces = pieces_in(message.json);
  for (const choice_piece& piece : pieces) {
    const bool is_first = piece.choice == 0;
    std::string of_other_choice;
    const auto give_part = [&](const std::string& text, delta::part kind, std::string& whole) {
      give(std::string_view{text}, kind, piece.choice, is_first ? whole : of_other_choice);
    };
    give_part(piece.brought.reasoning, delta::part::reasoning, answer_.reasoning);
    give_part(piece.brought.text, delta::part::text, answer_.text);
    give_part(piece.brought.refusal, delta::part::refusal, answer_.refusal);
    if (is_first && piece.brought.finish_reason)
      answer_.finish_reason = piece.brought.finish_reason;
  }
  return !pieces.empty();
}

void answer_stream::give(const reply_text& text, delta::part kind, std::uint32_t choice,
                         std::string& whole) {
  if (text.bytes == 0) return;
  if (text.has_escapes) {
    give(std::string_view{unescaped(text.raw)}, kind, choice, whole);
  } else {
    give(text.raw, kind, choice, whole);
  }
}

void answer_stream::give(std::string_view text, delta::part kind, std::uint32_t choice,
                         std::string& whole) {
  if (text.empty() || is_stopped_) return;
  const std::size_t before = whole.size();
  whole += text;
  if (!sink_) return;
  is_stopped_ = !sink_({std::string_view{whole}.substr(before), kind, choice});
}

std::optional<answer> answer_stream::end() {
  if (!has_begun_) call_.feed({});  // a stream of nothing was cut, too
  if (!streams_) {
    if (!is_too_large_) call_.answer(body_);
    return is_too_large_ ? std::nullopt : answer_in(body_);
  }
  if (is_too_large_) return std::nullopt;
  answer_.tools = tools_.take();
  return std::move(answer_);
}

}  // namespace querytap::llm::detail
