#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>

namespace rag_chatbot {

/// What a person should know: each finding with its line and the way out of it.
[[nodiscard]] std::string findings_list(const querytap::snapshot& now);

}  // namespace rag_chatbot
