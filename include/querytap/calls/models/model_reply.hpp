#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/calls/models/finish_reason.hpp>
#include <querytap/calls/models/token_usage.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap {

/// A text of a reply: as JSON has it, between its quotes.
struct reply_text {
  std::string_view raw = {};
  bool has_escapes = false;
  std::size_t bytes = 0;  ///< of all texts of the kind in the message, decoded as UTF-8
};

/// What an endpoint says in one message: an event of a stream, or a whole reply. Views are into the message.
struct model_reply {
  std::string_view json = {};          ///< the message itself
  std::string_view model = {};         ///< that answered
  std::string_view service_tier = {};  ///< what the call is billed as
  std::string_view error_type = {};
  std::string_view error_code = {};
  bool has_error = false;
  bool is_end = false;  ///< the last message of a stream without `[DONE]`

  // Of the first choice, if there are several; bytes and calls are those of all.
  reply_text text = {};
  reply_text reasoning = {};
  reply_text refusal = {};
  std::size_t tool_bytes = 0;    ///< of arguments of tools
  std::uint32_t tool_calls = 0;  ///< that begin here
  std::uint32_t choice = 0;      ///< the number of the choice, or of the first of several
  std::uint32_t choices = 0;     ///< in the message
  std::array<std::uint32_t, finish_reasons> finished{};  ///< choices, by reason

  std::uint32_t vectors = 0;  ///< of a reply with embeddings
  std::uint32_t ranked = 0;   ///< documents in a reply of a reranker
  token_usage usage = {};
  std::chrono::nanoseconds load_time{};  ///< to load the model first, as Ollama reports it

  [[nodiscard]] bool has_output() const noexcept {
    return text.bytes != 0 || reasoning.bytes != 0 || refusal.bytes != 0 || tool_bytes != 0 ||
           tool_calls != 0;
  }
};

/// Reads a message of an OpenAI-compatible endpoint (chat completions, responses, completions, embeddings,
/// rerank), or of Ollama's or llama.cpp's own API. False, with an empty `into`, if it is no JSON object. What
/// is not known is passed over, and what is of a wrong type counts as not there.
///
///     model_reply reply;
///     if (read_model_reply(body, reply)) count(reply.usage);
///
/// Threads  any number at once.
/// Cost     one pass over the text; no allocation.
/// Errors   never throws.
[[nodiscard]] bool read_model_reply(std::string_view json, model_reply& into) noexcept;

/// The same for one stream, most of whose messages differ from the one before only in a piece of text: then
/// only that piece is read, and the rest compared.
///
///     model_reply_reader reader;
///     if (reader.read(event.data, reply)) show(reply.text);
///
/// Threads  one at a time.
/// Cost     bench/calls/sse_bench.cpp; no allocation.
/// Errors   never throws.
class model_reply_reader {
 public:
  model_reply_reader() noexcept = default;
  model_reply_reader(const model_reply_reader&) = delete;
  model_reply_reader& operator=(const model_reply_reader&) = delete;

  /// What stands in `into` is of this message alone.
  [[nodiscard]] bool read(std::string_view json, model_reply& into) noexcept;

 private:
  static constexpr std::size_t longest = 1024;

  [[nodiscard]] bool differs_in_text_alone(std::string_view json, model_reply& into) noexcept;
  void learn(std::string_view json, const model_reply& reply) noexcept;

  // The last message without its piece of text; both 0 where it had not exactly one.
  std::array<char, longest> around_;
  std::size_t before_ = 0;
  std::size_t after_ = 0;
  reply_text model_reply::*piece_ = nullptr;
  model_reply known_ = {};  // its views are into around_
};

}  // namespace querytap
