#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>

namespace rag_chatbot {

/// How each dependency is, one line for each.
[[nodiscard]] std::string health_list(const querytap::snapshot& snapshot);

/// The costliest statements as the application and their servers saw them over the same time; with a headline, or empty
/// where no server tells.
[[nodiscard]] std::string servers_view(const querytap::snapshot& snapshot);

}  // namespace rag_chatbot
