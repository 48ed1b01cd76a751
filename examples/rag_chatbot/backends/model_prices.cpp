#include <rag_chatbot/backends/model_prices.hpp>

#include <querytap/runtime/prices/price_file.hpp>

namespace rag_chatbot {

std::shared_ptr<const querytap::price_table> open_model_prices(querytap::recorder& recorder,
                                                               const std::string& file) {
  return std::make_shared<const querytap::price_table>(querytap::load_prices(recorder, file));
}

}  // namespace rag_chatbot
