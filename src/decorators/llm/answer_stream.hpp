#pragma once

#include "reply_values.hpp"

#include <querytap/calls/models/model_call.hpp>
#include <querytap/decorators/llm/chat.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::llm::detail {

/// Takes a streamed answer as it comes: gives its pieces to the caller, and puts them together.
///
/// Threads  one at a time.
class answer_stream {
 public:
  answer_stream(model_call& call, const delta_sink& sink, std::size_t largest_body)
      : call_{call}, sink_{sink}, largest_body_{largest_body} {}

  /// False where no more is wanted: the caller's sink says so, or the answer is too large.
  [[nodiscard]] bool take(std::string_view part);
  /// Everything has come. Nothing if there is no answer in it.
  [[nodiscard]] std::optional<answer> end();

  [[nodiscard]] bool is_stopped_by_sink() const noexcept { return is_stopped_; }

 private:
  void give(const model_reply& message);
  [[nodiscard]] bool give_of_several(const model_reply& message);
  void give(const reply_text& text, delta::part kind, std::uint32_t choice, std::string& whole);
  void give(std::string_view text, delta::part kind, std::uint32_t choice, std::string& whole);

  model_call& call_;
  const delta_sink& sink_;
  const std::size_t largest_body_;
  answer answer_;
  tool_calls_in_pieces tools_;
  std::string body_;      // of an endpoint that does not stream although it was asked to
  std::size_t kept_ = 0;  // bytes of what is put together
  bool has_begun_ = false;
  bool streams_ = true;
  bool is_stopped_ = false;
  bool is_too_large_ = false;
};

}  // namespace querytap::llm::detail
