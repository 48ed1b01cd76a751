#include "request_body.hpp"

#include <querytap/base/error.hpp>

#include <nlohmann/json.hpp>

namespace querytap::llm::detail {
namespace {

using nlohmann::json;

std::string as_text(const json& body) {
  try {
    return body.dump();
  } catch (const json::exception&) {
    throw configuration_error{"request", "", "expected texts in UTF-8"};
  }
}

void add_more(json& body, const std::string& more) {
  if (more.empty()) return;
  const json fields = json::parse(more, nullptr, false);
  if (!fields.is_object()) throw configuration_error{"more", "", "expected a JSON object"};
  body.update(fields);
}

json listed(const std::vector<message>& messages) {
  json list = json::array();
  for (const message& entry : messages) {
    list.push_back({{"role", entry.role}, {"content", entry.content}});
  }
  return list;
}

}  // namespace

std::string body_of(const chat_request& request, bool streams, std::string_view provider) {
  json body{{"model", request.model}};
  const bool is_chat = request.by == llm::interface::chat_completions;
  body[is_chat ? "messages" : "input"] = listed(request.messages);
  if (streams) {
    body["stream"] = true;
    // OpenAI pads events to hide their length; other servers refuse the option, or do not know it.
    json options = json::object();
    if (is_chat) options["include_usage"] = true;
    if (provider == "openai") options["include_obfuscation"] = false;
    if (!options.empty()) body["stream_options"] = std::move(options);
  }
  add_more(body, request.more);
  return as_text(body);
}

std::string body_of(const embedding_request& request) {
  json body{{"model", request.model}, {"input", request.inputs}};
  body["encoding_format"] = request.encoding == vector_encoding::base64 ? "base64" : "float";
  if (request.dimensions != 0) body["dimensions"] = request.dimensions;
  return as_text(body);
}

std::string body_of(const rerank_request& request) {
  json body{{"model", request.model}, {"query", request.query}, {"documents", request.documents}};
  if (request.most != 0) body["top_n"] = request.most;
  return as_text(body);
}

}  // namespace querytap::llm::detail
