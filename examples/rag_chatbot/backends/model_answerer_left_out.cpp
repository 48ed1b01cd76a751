#include <rag_chatbot/backends/model_answerer.hpp>

#include <stdexcept>

// Compiled in place of model_answerer.cpp where its library is not installed.
namespace rag_chatbot {

std::unique_ptr<answerer> open_model_answerer(querytap::recorder&, const model_options&) {
  throw std::runtime_error{"built without a model: install libcurl4-openssl-dev and build again"};
}

}  // namespace rag_chatbot
