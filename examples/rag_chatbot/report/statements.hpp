#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>

namespace rag_chatbot {

/// One line for each of the statements that took most time in all: calls, total time, p50, p95,
/// p99, and rows returned.
[[nodiscard]] std::string statements_table(const querytap::snapshot& now);

}  // namespace rag_chatbot
