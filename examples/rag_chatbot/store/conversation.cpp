#include <rag_chatbot/store/conversation.hpp>

namespace rag_chatbot {
namespace {

constexpr std::string_view user_name = "user";
constexpr std::string_view assistant_name = "assistant";

}  // namespace

std::string_view to_string(speaker speaker) {
  return speaker == speaker::user ? user_name : assistant_name;
}

speaker speaker_named(std::string_view name) {
  return name == user_name ? speaker::user : speaker::assistant;
}

}  // namespace rag_chatbot
