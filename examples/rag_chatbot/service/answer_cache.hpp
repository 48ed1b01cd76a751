#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rag_chatbot {

/// Keeps replies to questions that are asked again.
///
/// Threads  both functions from any number at once.
class answer_cache {
 public:
  answer_cache() = default;
  virtual ~answer_cache() = default;
  answer_cache(const answer_cache&) = delete;
  answer_cache& operator=(const answer_cache&) = delete;

  [[nodiscard]] virtual std::optional<std::string> find(std::string_view key) = 0;
  virtual void keep(std::string_view key, std::string_view reply) = 0;
};

}  // namespace rag_chatbot
