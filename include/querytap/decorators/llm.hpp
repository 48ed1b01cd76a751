#pragma once

#include <querytap/decorators/llm/chat.hpp>
#include <querytap/decorators/llm/client.hpp>
#include <querytap/decorators/llm/client_options.hpp>
#include <querytap/decorators/llm/embeddings.hpp>
#include <querytap/decorators/llm/error.hpp>
#include <querytap/decorators/llm/rerank.hpp>

/// A client of OpenAI-compatible endpoints of models: OpenAI, vLLM, llama.cpp, Ollama and others.
///
///     llm::client openai{recorder, {.url = "https://api.openai.com/v1", .api_key = key}};
///     const llm::answer reply = openai.chat({.model = "gpt-4o-mini", .messages = {{"user", question}}});
///     openai.chat({.model = "gpt-4o-mini", .messages = {{"user", question}}},
///                 [](const llm::delta& piece) { show(piece.text); return true; });
///
/// Every call is recorded as a model_call: durations, chunks, tokens, cost, limits. Prompts, answers and the
/// messages of errors stay with the caller. For another HTTP library there is calls/models/model_call.hpp.
///
/// Threads  any number at once.
/// Errors   llm::error for calls that fail; configuration_error for what cannot be sent.
/// Source   OpenAI's API of 2026; the differences of vLLM, llama.cpp and Ollama 0.33.
namespace querytap::llm {}

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/llm.hpp>
#endif
