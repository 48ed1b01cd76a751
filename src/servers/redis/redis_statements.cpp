#include "redis_statements.hpp"

#include <querytap/query/identify.hpp>

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace querytap::detail {
namespace {

// Of a command with one argument.
constexpr std::int64_t assumed_arity = 2;

std::int64_t arity_in(const redisReply& description) {
  const auto parts = elements_of_reply(description);
  const bool is_known = parts.size() >= 2 && parts[1]->type == REDIS_REPLY_INTEGER;
  return is_known ? parts[1]->integer : assumed_arity;
}

}  // namespace

statement_identity statement_of_redis_command(std::string_view name, std::int64_t arity) {
  std::string text{name};
  std::ranges::transform(text, text.begin(), [](char c) {
    if (c == '|') return ' ';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  const auto words = 1 + std::ranges::count(name, '|');
  for (auto i = std::abs(arity) - words; i > 0; --i) text += " ?";
  return identify(text, dialect::redis);
}

bool redis_statements::learn(const std::vector<std::string>& names, redis_session& session,
                             redis_session::deadline until) {
  std::vector<std::string> unknown;
  std::ranges::copy_if(names, std::back_inserter(unknown),
                       [&](const std::string& name) { return !known_.contains(name); });
  if (unknown.empty()) return may_ask_;
  server_reply reply;
  std::vector<const redisReply*> descriptions;
  try {
    std::vector<std::string_view> command{"COMMAND", "INFO"};
    command.insert(command.end(), unknown.begin(), unknown.end());
    reply = session.ask(command, until);
    descriptions = elements_of_reply(*reply);
  } catch (const refused_by_redis& refusal) {
    if (refusal.code() != "NOPERM") throw;
    may_ask_ = false;
  }
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    const std::int64_t arity = i < descriptions.size() ? arity_in(*descriptions[i]) : assumed_arity;
    known_[unknown[i]] =
        std::make_shared<const statement_identity>(statement_of_redis_command(unknown[i], arity));
  }
  return may_ask_;
}

std::shared_ptr<const statement_identity> redis_statements::find(const std::string& name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? nullptr : found->second;
}

}  // namespace querytap::detail
