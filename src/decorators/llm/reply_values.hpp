#pragma once

#include <querytap/decorators/llm/chat.hpp>
#include <querytap/decorators/llm/embeddings.hpp>
#include <querytap/decorators/llm/rerank.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::llm::detail {

// What the caller is given of a reply. What is of a wrong type counts as not there.

/// Of a reply that does not stream. Nothing if it has no answer.
[[nodiscard]] std::optional<answer> answer_in(std::string_view body);

/// Of an event of a stream with several choices, or several parts of a text: what each choice brings.
struct choice_piece {
  std::uint32_t choice = 0;
  answer brought = {};
};
[[nodiscard]] std::vector<choice_piece> pieces_in(std::string_view event);

/// Nothing unless there are `count` vectors of one size, of finite numbers.
[[nodiscard]] std::optional<std::vector<std::vector<float>>> vectors_in(std::string_view body,
                                                                        std::size_t count);
/// Nothing unless every document has a number below `count` and a score.
[[nodiscard]] std::optional<std::vector<ranked_document>> ranking_in(std::string_view body,
                                                                     std::size_t count);

/// The text that stands between the quotes of a JSON string.
[[nodiscard]] std::string unescaped(std::string_view raw);

/// Little-endian numbers of 32 bits; nothing if the text is none of those in base64.
[[nodiscard]] std::optional<std::vector<float>> floats_of_base64(std::string_view text);

/// Puts the pieces of calls of tools together, as events of a stream bring them.
class tool_calls_in_pieces {
 public:
  /// `json` is an event that has some.
  void add(std::string_view json);
  [[nodiscard]] std::vector<tool_call> take() noexcept { return std::move(calls_); }

 private:
  [[nodiscard]] tool_call* find(std::optional<std::size_t> index, std::string_view id,
                                std::string_view name);
  void add_piece(std::optional<std::size_t> index, std::string_view id, std::string_view name,
                 std::string_view arguments);

  std::vector<tool_call> calls_;
  std::vector<std::size_t> places_;  // of the call of each index that was named, among all
};

}  // namespace querytap::llm::detail
