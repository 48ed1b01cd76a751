#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>

namespace rag_chatbot {

/// What the answers of models cost, in all, each, and for the tenants with a budget that spent most. Empty
/// where no model was called.
[[nodiscard]] std::string model_costs(const querytap::snapshot& snapshot);

}  // namespace rag_chatbot
