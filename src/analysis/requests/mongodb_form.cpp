#include "statement_form.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace querytap::detail {
namespace {

/// A token of a command: a bracket, a key or a text without its quotes, or a value.
using command_tokens = std::vector<std::string_view>;

command_tokens tokens_of_command(std::string_view text) {
  constexpr std::string_view marks = "{}[]:,";
  command_tokens tokens;
  while (!text.empty()) {
    std::size_t size = 1;
    if (text[0] == '"' || text[0] == '\'') {
      const std::size_t end = std::min(text.find(text[0], 1), text.size() - 1);
      tokens.push_back(text.substr(1, end - 1));
      size = end + 1;
    } else if (marks.find(text[0]) != marks.npos) {
      tokens.push_back(text.substr(0, 1));
    } else if (text[0] != ' ') {
      size = std::min(text.find_first_of("{}[]:, "), text.size());
      tokens.push_back(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return tokens;
}

bool has_token(const command_tokens& tokens, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(tokens, [&](std::string_view token) {
    return std::ranges::find(names, token) != names.end();
  });
}

/// How the conditions directly in the object behind a key test their fields.
struct document_filter {
  bool is_equal = false;
  bool is_range = false;
  bool is_list = false;
  bool is_complex = false;
};

document_filter filter_behind(const command_tokens& tokens, std::string_view key) {
  document_filter found;
  auto at = std::ranges::find(tokens, key);
  int depth = 0;
  for (; at != tokens.end(); ++at) {
    if (*at == "{") ++depth;
    if (*at == "}" && --depth == 0) break;
    if (depth == 0) continue;
    const bool has_value = *at == ":" && std::next(at) != tokens.end() && *std::next(at) == "?";
    if (depth == 1 && has_value) found.is_equal = true;
    if (*at == "$eq") found.is_equal = true;
    if (*at == "$in") found.is_list = true;
    if (*at == "$gt" || *at == "$gte" || *at == "$lt" || *at == "$lte") found.is_range = true;
    if (*at == "$or" || *at == "$nor" || *at == "$expr") found.is_complex = true;
  }
  return found;
}

effect effect_of_command(const command_tokens& tokens) {
  if (has_token(tokens,
                {"$sample", "$rand", "$sampleRate", "$changeStream", "$currentOp", "$collStats",
                 "$indexStats", "$listSessions", "$listLocalSessions", "tailable", "awaitData"})) {
    return effect::impure;
  }
  if (has_token(tokens, {"$where", "$function", "$accumulator"})) return effect::unknown;
  return has_token(tokens, {"$$NOW", "$$CLUSTER_TIME"}) ? effect::moment : effect::pure;
}

batching batching_of_find(const command_tokens& tokens) {
  const document_filter filter = filter_behind(tokens, "filter");
  const bool has_limit = has_token(tokens, {"limit"});
  if (has_token(tokens, {"skip"}) || (filter.is_list && !filter.is_equal)) return batching::none;
  if (!has_token(tokens, {"?"})) return batching::same_rows;
  if (!filter.is_equal || filter.is_complex) {
    return has_limit ? batching::none : batching::read;
  }
  if (!has_limit) return batching::rows_of_key;
  if (filter.is_range) return batching::none;
  return has_token(tokens, {"sort"}) ? batching::top_of_key : batching::first_of_key;
}

batching batching_of_aggregate(const command_tokens& tokens) {
  const document_filter match = filter_behind(tokens, "$match");
  if (has_token(tokens, {"$skip"}) || (match.is_list && !match.is_equal)) return batching::none;
  if (!match.is_equal) return has_token(tokens, {"$limit"}) ? batching::none : batching::read;
  if (has_token(tokens, {"$limit"})) return match.is_range ? batching::none : batching::read;
  return has_token(tokens, {"$group", "$count"}) ? batching::total_of_key : batching::read;
}

batching batching_of_document_write(std::string_view command, const command_tokens& tokens) {
  if (command == "insert") return batching::insert;
  if (command == "delete") {
    return filter_behind(tokens, "q").is_equal ? batching::delete_by_key : batching::none;
  }
  if (command != "update" || !filter_behind(tokens, "q").is_equal) return batching::none;
  return batching::update_by_key;
}

}  // namespace

statement_form form_of_mongodb(const statement_identity& statement) {
  statement_form form;
  const command_tokens tokens = tokens_of_command(statement.text);
  if (tokens.size() < 2) return form;
  const std::string_view command = tokens[1];
  using enum statement_kind;
  form.changes_data = statement.kind == write || statement.kind == definition;
  form.changes_all = has_token({command}, {"abortTransaction", "mapReduce", "bulkWrite"});
  form.changes_data |= form.changes_all;
  form.purity = effect_of_command(tokens);
  if (form.purity == effect::unknown) form.unknown_function = "its JavaScript";
  if (statement.kind == write) form.how = batching_of_document_write(command, tokens);
  if (statement.kind != read || form.purity == effect::impure) return form;
  if (command == "find") form.how = batching_of_find(tokens);
  if (command == "aggregate") form.how = batching_of_aggregate(tokens);
  const bool is_counted = command == "count" || command == "distinct";
  if (is_counted && filter_behind(tokens, "query").is_equal) form.how = batching::total_of_key;
  if (command == "getMore") form.purity = effect::impure;
  return form;
}

}  // namespace querytap::detail
