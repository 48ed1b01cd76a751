#include <rag_chatbot/backends/model_prices.hpp>

#include <stdexcept>

// Compiled in place of model_prices.cpp where its library is not installed.
namespace rag_chatbot {

std::shared_ptr<const querytap::price_table> open_model_prices(querytap::recorder&,
                                                               const std::string&) {
  throw std::runtime_error{"built without prices: install libyaml-cpp-dev and build again"};
}

}  // namespace rag_chatbot
