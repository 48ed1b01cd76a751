#include "own_questions.hpp"

#include "../../base/ascii.hpp"

#include <querytap/query/identify.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <string>

namespace querytap::detail {
namespace {

constexpr std::size_t most_own_questions = 1024;

/// Numbers that are added and never removed. 0 stands for none.
class growing_set {
 public:
  void add(std::uint64_t number) noexcept {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      std::atomic<std::uint64_t>& place = places_[(number + i) % places_.size()];
      std::uint64_t held = place.load(std::memory_order_relaxed);
      const bool is_added =
          held == 0 && place.compare_exchange_strong(held, number, std::memory_order_relaxed);
      if (is_added || held == number) return;
    }
  }
  [[nodiscard]] bool has(std::uint64_t number) const noexcept {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const std::uint64_t held =
          places_[(number + i) % places_.size()].load(std::memory_order_relaxed);
      if (held == number) return number != 0;
      if (held == 0) return false;
    }
    return false;
  }

 private:
  // ORDER relaxed: a number stands for itself alone. In the child of a fork they hold as well.
  std::array<std::atomic<std::uint64_t>, most_own_questions> places_{};
};

// Of the process: probes and collectors of one server do not know of each other.
constinit growing_set own_texts;
constinit growing_set own_operations;

// Servers take more for values than is marked as a value in a text, such as NULL and the field of EXTRACT.
constexpr std::string_view words_that_are_values[] = {"null", "true", "false", "epoch"};
constexpr std::size_t most_compared_words = 200;  // so many are in any text that is cut off

bool is_of_word(char letter) noexcept { return is_ascii_alphanumeric(letter) || letter == '_'; }

/// Of the words of a sanitised text, in their order: servers write the rest of it in ways of their own.
std::uint64_t number_of_words(std::string_view text) {
  std::string all;
  std::string word;
  std::size_t count = 0;
  const auto end_word = [&] {
    if (word.empty()) return;
    if (std::ranges::find(words_that_are_values, word) == std::end(words_that_are_values)) {
      all += word + ' ';
      ++count;
    }
    word.clear();
  };
  for (const char letter : text) {
    if (is_of_word(letter)) {
      word += ascii_lower(letter);
    } else {
      end_word();
    }
    if (count == most_compared_words) break;
  }
  end_word();
  return std::hash<std::string_view>{}(all);
}

std::uint64_t number_of_operation(std::string_view summary) noexcept {
  return std::hash<std::string_view>{}(summary);
}

}  // namespace

void note_own_question(std::string_view text, dialect language) {
  const statement_identity known = identify(text, language);
  own_texts.add(number_of_words(known.text));
  own_operations.add(number_of_operation(known.summary));
}

void note_own_questions(std::string_view texts, dialect language) {
  while (!texts.empty()) {
    const std::size_t end = texts.find(';');
    note_own_question(texts.substr(0, end), language);
    texts.remove_prefix(end == texts.npos ? texts.size() : end + 1);
  }
}

bool is_own_question(const server_statement& statement) {
  if (statement.statement == nullptr) return false;
  return statement.is_whole_operation
             ? own_operations.has(number_of_operation(statement.statement->summary))
             : own_texts.has(number_of_words(statement.statement->text));
}

}  // namespace querytap::detail
