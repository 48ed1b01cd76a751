#pragma once

#include <querytap/base/function.hpp>
#include <querytap/calls/models/call_cost.hpp>
#include <querytap/calls/models/finish_reason.hpp>
#include <querytap/calls/models/rate_limit.hpp>
#include <querytap/calls/models/token_usage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {
class budget;
}  // namespace querytap

namespace querytap::llm {

struct message {
  std::string role = {};  ///< "system", "user", "assistant"
  std::string content = {};
};

/// Which of OpenAI's two interfaces answers; other servers mostly have the first one alone.
enum class interface : std::uint8_t { chat_completions, responses };

struct chat_request {
  std::string model = {};
  std::vector<message> messages = {};
  llm::interface by = llm::interface::chat_completions;
  /// Further fields of the request, as a JSON object: `{"temperature": 0.2, "tools": […]}`. They replace
  /// those that are made of the others.
  std::string more = {};
  const budget* paid_by = nullptr;  ///< refuses the call where it does not allow it
};

/// A piece of a streamed answer.
struct delta {
  enum class part : std::uint8_t { text, reasoning, refusal };

  std::string_view text = {};
  part kind = part::text;
  std::uint32_t choice = 0;
};

/// Told each piece as it comes; false ends the call, which then counts as cancelled. What it throws goes on
/// its way.
using delta_sink = std::function<bool(const delta&)>;

struct tool_call {
  std::string id = {};
  std::string name = {};
  std::string arguments = {};  ///< JSON, as the model wrote it
};

/// An answer; of several choices the first one.
struct answer {
  std::string text = {};
  std::string reasoning = {};
  std::string refusal = {};
  std::vector<tool_call> tools = {};
  std::optional<querytap::finish_reason> finish_reason = {};  ///< nothing where a sink ended it
  std::string model = {};                                     ///< that answered
  token_usage usage = {};
  call_cost cost = {};
  rate_limit_headers limits = {};
};

}  // namespace querytap::llm
