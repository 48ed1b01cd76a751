#pragma once

#include <querytap/calls/models/price_table.hpp>

#include <string>
#include <string_view>

namespace querytap {

class recorder;

/// The prices of models from a file of the application's.
///
///     const price_table prices = load_prices(recorder, "prices.yaml");
///     const model_endpoint openai{recorder, {.server_address = "api.openai.com", .prices = &prices}};
///
/// A file that begins with `{` is JSON as litellm's `model_prices_and_context_window.json` is. Its prices are
/// those of one token; those of longer inputs (`…_above_200k_tokens`) and of service tiers (`…_batches`,
/// `…_priority`, `…_flex`) are read, fields that are no prices of tokens are passed over. Any other file is
/// YAML of our own, with dollars for a million tokens:
///
///   currency: USD                       # the only one
///   models:
///     gpt-4o-mini:
///       input: 0.15
///       output: 0.60
///       cached: 0.075                   # input from a cache; also cache_written, reasoning
///       above: {200000: {input: 0.30}}  # of all tokens of a call with a longer input
///       tiers: {batch: {input: 0.075, output: 0.30}}
///     gpt-4o:
///       - {from: 2024-05-13, input: 5, output: 15}
///       - {from: 2024-10-02, input: 2.5, output: 10, cached: 1.25}
///   aliases: {chat-default: gpt-4o-mini}
///
/// Threads  any number at once.
/// Cost     litellm's 1.6 MB take some 20 ms.
/// Errors   configuration_error that names file, line and key: what is no price, a key that is not known or
///          stands there twice (in YAML), another currency, an alias of nothing, a file above 64 MiB.
/// Source   litellm 2026; YAML 1.2 by yaml-cpp.
[[nodiscard]] price_table load_prices(const std::string& path);
/// The same; `querytap.price_file.timestamp` then shows how old the file is.
[[nodiscard]] price_table load_prices(recorder& recorder, const std::string& path);

/// The prices in a text; `name` stands for the file's in errors.
[[nodiscard]] price_table parse_prices(std::string_view text, std::string_view name);

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/prices.hpp>
#endif
