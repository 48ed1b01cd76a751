#include <rag_chatbot/backends/chroma_index.hpp>

#include <stdexcept>

// Compiled in place of chroma_index.cpp where its library is not installed.
namespace rag_chatbot {

std::string chroma_collection_of(store&) { return {}; }

std::unique_ptr<vector_search> open_chroma_index(querytap::recorder&, const std::string&, store&) {
  throw std::runtime_error{"built without Chroma: install libcurl4-openssl-dev and build again"};
}

}  // namespace rag_chatbot
