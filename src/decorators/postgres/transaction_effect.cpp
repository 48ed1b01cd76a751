#include "transaction_effect.hpp"

#include "../../base/ascii.hpp"

namespace querytap::postgres::detail {
namespace {

std::string_view next_word_of(std::string_view& text) noexcept {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

transaction_effect effect_of(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == ';' || text.back() == ' ')) text.remove_suffix(1);
  if (text.find(';') != text.npos) return transaction_effect::none;
  const std::string_view verb = next_word_of(text);
  const std::string_view second = next_word_of(text);
  const auto is = [](std::string_view word, std::string_view known) {
    return querytap::detail::equal_ignoring_case(word, known);
  };
  if (is(verb, "begin") || (is(verb, "start") && is(second, "transaction")))
    return transaction_effect::begins;
  // Two-phase: PREPARE TRANSACTION ends the session's transaction, COMMIT PREPARED is of no session.
  if (is(second, "prepared")) return transaction_effect::none;
  if (is(verb, "commit") || is(verb, "end") || (is(verb, "prepare") && is(second, "transaction")))
    return transaction_effect::commits;
  if (is(verb, "abort")) return transaction_effect::rolls_back;
  const bool to_savepoint = is(second, "to") || is(next_word_of(text), "to");
  if (is(verb, "rollback") && !to_savepoint) return transaction_effect::rolls_back;
  return transaction_effect::none;
}

}  // namespace querytap::postgres::detail
