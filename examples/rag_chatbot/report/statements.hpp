#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>

namespace rag_chatbot {

/// One line for each of the statements with the most total time: calls, total time, p50, p95, p99,
/// p99 of the last minute, and rows returned.
[[nodiscard]] std::string statements_table(const querytap::snapshot& snapshot);

}  // namespace rag_chatbot
