#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>

namespace rag_chatbot {

/// Each finding with its source line, its message and its advice.
[[nodiscard]] std::string findings_list(const querytap::snapshot& snapshot);

}  // namespace rag_chatbot
