#include <rag_chatbot/backends/mongo_history.hpp>

#include <stdexcept>

// Compiled in place of mongo_history.cpp where its library is not installed.
namespace rag_chatbot {

std::unique_ptr<history> open_mongo_history(querytap::recorder&, const std::string&) {
  throw std::runtime_error{"built without MongoDB: install libmongoc-dev and build again"};
}

}  // namespace rag_chatbot
