#pragma once

#include <rag_chatbot/store/stored_passage.hpp>

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rag_chatbot {

struct written_answer {
  std::string text = {};
  std::optional<double> dollars = {};  ///< what it cost, where that is known
};

/// The tenant may spend no more for now; the message is for its people.
class budget_used_up : public std::runtime_error {
 public:
  explicit budget_used_up(std::string_view tenant)
      : std::runtime_error{"the budget of tenant '" + std::string{tenant} +
                           "' is used up until midnight UTC"} {}
};

/// Makes an answer of passages.
///
/// Threads  answer() from any number at once.
/// Errors   budget_used_up, and whatever is thrown on the way to a model.
class answerer {
 public:
  answerer() = default;
  virtual ~answerer() = default;
  answerer(const answerer&) = delete;
  answerer& operator=(const answerer&) = delete;

  /// How it does it, as `querytap.strategy` names it: a literal.
  [[nodiscard]] virtual std::string_view strategy() const = 0;
  /// `tenant` pays for it.
  [[nodiscard]] virtual written_answer answer(std::span<const stored_passage> passages,
                                              std::string_view question,
                                              std::string_view tenant) = 0;
};

}  // namespace rag_chatbot
