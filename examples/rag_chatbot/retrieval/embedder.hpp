#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rag_chatbot {

using embedding = std::vector<float>;

/// Turns a text into a vector, so that texts about the same thing point the same way. Implement the
/// interface with the client of a model to search by meaning; ingest() embeds again when name()
/// changes.
///
/// Threads  embed() from any number at once.
class embedder {
 public:
  embedder() = default;
  virtual ~embedder() = default;
  embedder(const embedder&) = delete;
  embedder& operator=(const embedder&) = delete;

  /// Names embedder and version: vectors of different names cannot be compared.
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual std::size_t dimensions() const = 0;
  /// Of length 1, or all zero if the text has no significant word.
  [[nodiscard]] virtual embedding embed(std::string_view text) const = 0;
};

}  // namespace rag_chatbot
