#pragma once

#include <rag_chatbot/store/stored_passage.hpp>

#include <span>
#include <string>
#include <string_view>

namespace rag_chatbot {

/// Makes an answer of passages.
///
/// Threads  answer() from any number at once.
class answerer {
 public:
  answerer() = default;
  virtual ~answerer() = default;
  answerer(const answerer&) = delete;
  answerer& operator=(const answerer&) = delete;

  /// How it does it, as `querytap.strategy` names it: a literal.
  [[nodiscard]] virtual std::string_view strategy() const = 0;
  [[nodiscard]] virtual std::string answer(std::span<const stored_passage> passages,
                                           std::string_view question) = 0;
};

}  // namespace rag_chatbot
