#include <rag_chatbot/dependencies/dependencies.hpp>

// Compiled in place of model_dependency.cpp where its library is not installed.
namespace rag_chatbot {

void add_model(const options&, dependencies&) {}

}  // namespace rag_chatbot
