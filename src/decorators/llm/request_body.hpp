#pragma once

#include <querytap/decorators/llm/chat.hpp>
#include <querytap/decorators/llm/embeddings.hpp>
#include <querytap/decorators/llm/rerank.hpp>

#include <string>
#include <string_view>

namespace querytap::llm::detail {

/// A request as JSON. Throws configuration_error for `more` that is no JSON object, and for texts that are not
/// UTF-8.
[[nodiscard]] std::string body_of(const chat_request& request, bool streams,
                                  std::string_view provider);
[[nodiscard]] std::string body_of(const embedding_request& request);
[[nodiscard]] std::string body_of(const rerank_request& request);

}  // namespace querytap::llm::detail
