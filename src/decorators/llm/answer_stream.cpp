#include "answer_stream.hpp"

namespace querytap::llm::detail {

bool answer_stream::take(std::string_view part) {
  if (part.empty()) return true;
  if (!has_begun_) {
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
  std::string of_other_choice;
  give(message.reasoning, delta::part::reasoning, message.choice,
       is_first ? answer_.reasoning : of_other_choice);
  give(message.text, delta::part::text, message.choice, is_first ? answer_.text : of_other_choice);
  give(message.refusal, delta::part::refusal, message.choice,
       is_first ? answer_.refusal : of_other_choice);
  if (is_first && (message.tool_calls != 0 || message.tool_bytes != 0)) tools_.add(message.json);
  for (std::size_t i = 0; i < finish_reasons; ++i) {
    if (is_first && message.finished[i] != 0) answer_.finish_reason = querytap::finish_reason(i);
  }
}

void answer_stream::give(const reply_text& text, delta::part kind, std::uint32_t choice,
                         std::string& whole) {
  if (text.bytes == 0 || is_stopped_) return;
  const std::size_t before = whole.size();
  if (text.has_escapes) {
    whole += unescaped(text.raw);
  } else {
    whole += text.raw;
  }
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
