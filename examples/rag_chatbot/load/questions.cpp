#include <rag_chatbot/load/questions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

namespace rag_chatbot {
namespace {

// The first words of those descriptions of manual pages that say what something does.
constexpr auto verbs = std::to_array<std::string_view>(
    {"add",       "allocate", "bind",     "calculate",   "cancel",    "change",     "check",
     "close",     "compare",  "compute",  "concatenate", "control",   "convert",    "copy",
     "count",     "create",   "define",   "delete",      "destroy",   "determine",  "display",
     "duplicate", "end",      "examine",  "execute",     "exit",      "extract",    "fill",
     "find",      "flush",    "generate", "get",         "give",      "initialize", "initiate",
     "list",      "load",     "locate",   "lock",        "make",      "manipulate", "map",
     "move",      "multiply", "obtain",   "open",        "parse",     "perform",    "print",
     "push",      "query",    "read",     "receive",     "register",  "remove",     "reposition",
     "request",   "retrieve", "return",   "round",       "scan",      "search",     "send",
     "set",       "share",    "splice",   "synchronize", "terminate", "test",       "transfer",
     "unlock",    "wait",     "write",    "yield"});
static_assert(std::is_sorted(verbs.begin(), verbs.end()));

std::string_view first_word_of(std::string_view text) { return text.substr(0, text.find(' ')); }

bool says_what_it_does(std::string_view description) {
  return std::binary_search(verbs.begin(), verbs.end(), first_word_of(description));
}

bool ends_in_any_of(std::string_view word, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

std::string third_person(std::string_view verb) {
  if (ends_in_any_of(verb, {"ay", "ey", "oy", "uy"})) return fmt::format("{}s", verb);
  if (verb.ends_with('y')) return fmt::format("{}ies", verb.substr(0, verb.size() - 1));
  if (ends_in_any_of(verb, {"s", "x", "z", "ch", "sh"})) return fmt::format("{}es", verb);
  return fmt::format("{}s", verb);
}

/// "pipe" becomes "a pipe"; objects of several words get no article.
std::string with_article(std::string_view object) {
  const bool is_one_thing = object.find(' ') == std::string_view::npos && !object.ends_with('s');
  if (!is_one_thing) return std::string{object};
  const bool begins_with_vowel =
      std::string_view{"aeiou"}.find(object.front()) != std::string::npos;
  return fmt::format("{} {}", begins_with_vowel ? "an" : "a", object);
}

void add_questions_about_action(std::string_view description, bool is_call,
                                std::vector<std::string>& questions) {
  const auto verb = first_word_of(description);
  if (verb.size() == description.size()) return;
  const auto object = with_article(description.substr(verb.size() + 1));
  questions.push_back(
      fmt::format("Which {} {} {}?", is_call ? "call" : "page", third_person(verb), object));
  questions.push_back(fmt::format("How do I {} {}?", verb, object));
  questions.push_back(fmt::format("I want to {} {}, what can I use?", verb, object));
}

void add_questions_about_thing(std::string_view description, std::vector<std::string>& questions) {
  questions.push_back(fmt::format("Where can I find out about {}?", description));
  questions.push_back(fmt::format("What should I know about {}?", description));
}

bool is_call(std::string_view page) { return page.ends_with("(2)") || page.ends_with("(3)"); }

/// std::shuffle may differ from one standard library to the next, and the questions with it.
template <class T>
void shuffle(std::vector<T>& items, std::mt19937_64& random) {
  for (std::size_t left = items.size(); left > 1; --left) {
    std::swap(items[left - 1], items[random() % left]);
  }
}

}  // namespace

std::vector<std::string> ways_to_ask_for(const document& page) {
  const std::string& description = page.about.description;
  std::vector<std::string> questions;
  if (description.empty()) return questions;
  if (says_what_it_does(description)) {
    add_questions_about_action(description, is_call(page.page), questions);
  } else {
    add_questions_about_thing(description, questions);
  }
  if (is_call(page.page)) {
    questions.push_back(fmt::format("What does {} return?", page.about.names.front()));
  }
  return questions;
}

std::vector<known_question> make_questions(std::span<const document> documents, std::size_t count,
                                           std::uint64_t seed) {
  std::vector<const document*> pages;
  for (const auto& page : documents) {
    if (!ways_to_ask_for(page).empty()) pages.push_back(&page);
  }
  std::mt19937_64 random{seed};
  shuffle(pages, random);

  std::vector<known_question> questions;
  while (!pages.empty() && questions.size() < count) {
    const document& page = *pages[questions.size() % pages.size()];
    auto ways = ways_to_ask_for(page);
    questions.push_back({std::move(ways[random() % ways.size()]), page.page});
  }
  return questions;
}

}  // namespace rag_chatbot
