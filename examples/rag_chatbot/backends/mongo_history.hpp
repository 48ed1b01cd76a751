#pragma once

#include <querytap/recording/recorder.hpp>

#include <rag_chatbot/store/history.hpp>

#include <memory>
#include <string>

namespace rag_chatbot {

/// Conversations in MongoDB, database `chatbot`, collection `messages`; both messages of an exchange are
/// inserted by one command.
///
/// Errors   std::runtime_error for a connection string that cannot be used, and for a command that fails.
[[nodiscard]] std::unique_ptr<history> open_mongo_history(querytap::recorder& recorder,
                                                          const std::string& connection_string);

}  // namespace rag_chatbot
