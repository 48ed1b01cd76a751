#include <rag_chatbot/dependencies/dependencies.hpp>

// Compiled in place of postgres_dependency.cpp where its library is not installed.
namespace rag_chatbot {

void add_postgres(const options&, dependencies&) {}

}  // namespace rag_chatbot
