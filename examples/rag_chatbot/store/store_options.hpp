#pragma once

#include <rag_chatbot/store/plants.hpp>

#include <chrono>

namespace rag_chatbot {

struct store_options {
  std::chrono::milliseconds slow{100};  ///< a query that takes longer is reported
  plants mistakes;
};

}  // namespace rag_chatbot
