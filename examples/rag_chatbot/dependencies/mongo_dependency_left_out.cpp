#include <rag_chatbot/dependencies/dependencies.hpp>

// Compiled in place of mongo_dependency.cpp where its library is not installed.
namespace rag_chatbot {

void add_mongo(const options&, dependencies&) {}

}  // namespace rag_chatbot
