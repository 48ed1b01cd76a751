#pragma once

#include <querytap/calls/models/price_table.hpp>
#include <querytap/recording/recorder.hpp>

#include <memory>
#include <string>

namespace rag_chatbot {

/// The prices of models from a file: YAML as in prices.yaml, or litellm's JSON.
///
/// Errors   querytap::configuration_error that names file, line and key.
[[nodiscard]] std::shared_ptr<const querytap::price_table> open_model_prices(
    querytap::recorder& recorder, const std::string& file);

}  // namespace rag_chatbot
