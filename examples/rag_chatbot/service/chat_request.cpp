#include <rag_chatbot/service/chat_request.hpp>

#include <rag_chatbot/corpus/text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rag_chatbot {
namespace {

using nlohmann::json;

json parse_object(std::string_view body) {
  auto parsed = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) throw refused_request{400, "the body is not valid JSON"};
  if (!parsed.is_object()) throw refused_request{400, "the body must be a JSON object"};
  return parsed;
}

std::optional<conversation_id> conversation_in(const json& object) {
  const auto found = object.find("conversation");
  if (found == object.end() || found->is_null()) return std::nullopt;
  if (!found->is_number_integer()) {
    throw refused_request{400, "'conversation' must be the number of an earlier reply, or absent"};
  }
  // A number past the range of the type would be read as that of another conversation.
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX) {
    throw unknown_conversation(found->dump());
  }
  return found->get<conversation_id>();
}

// It is exported, and so a name.
std::string tenant_in(const json& object) {
  constexpr std::size_t most_tenant_bytes = 64;
  const auto found = object.find("tenant");
  if (found == object.end() || found->is_null()) return "default";
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (found->is_string()) {
    const auto& name = found->get_ref<const std::string&>();
    const bool is_name = std::all_of(name.begin(), name.end(), is_part);
    if (!name.empty() && name.size() <= most_tenant_bytes && is_name) return name;
  }
  throw refused_request{
      400, "'tenant' must be a name of up to 64 letters, digits, dots, dashes and underscores"};
}

std::string question_in(const json& object) {
  const auto found = object.find("question");
  if (found == object.end()) throw refused_request{400, "'question' is missing"};
  if (!found->is_string()) throw refused_request{400, "'question' must be a string"};

  const auto& text = found->get_ref<const std::string&>();
  if (text.size() > most_question_bytes)
    throw refused_request{413, "'question' is longer than 4 KiB"};
  if (text.find('\0') != std::string::npos) {
    throw refused_request{400, "'question' must not contain the character U+0000"};
  }
  const auto question = trim(text);
  if (question.empty()) throw refused_request{400, "'question' is empty"};
  return std::string{question};
}

}  // namespace

chat_request parse_chat_request(std::string_view body) {
  const json object = parse_object(body);
  return {conversation_in(object), question_in(object), tenant_in(object)};
}

refused_request unknown_conversation(std::string_view id) {
  return {404, fmt::format("there is no conversation {}", id)};
}

}  // namespace rag_chatbot
