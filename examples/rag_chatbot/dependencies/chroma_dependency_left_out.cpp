#include <rag_chatbot/dependencies/dependencies.hpp>

// Compiled in place of chroma_dependency.cpp where its library is not installed.
namespace rag_chatbot {

void add_chroma(const options&, store&, dependencies&) {}

}  // namespace rag_chatbot
