#include "reply_values.hpp"

#include <querytap/calls/models/model_reply.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>

namespace querytap::llm::detail {
namespace {

using nlohmann::json;

const json& member(const json& object, std::string_view key) {
  static const json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string{};
}

std::optional<std::size_t> index_of(const json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  return value.get<std::size_t>();
}

// A text, or a list of parts.
void add_content(answer& reply, const json& content) {
  reply.text += text_of(content);
  if (!content.is_array()) return;
  for (const json& part : content) {
    reply.text += text_of(member(part, "text"));
    reply.refusal += text_of(member(part, "refusal"));
  }
}

answer answer_of_message(const json& message) {
  answer reply;
  add_content(reply, member(message, "content"));
  reply.refusal += text_of(member(message, "refusal"));
  reply.reasoning = text_of(member(message, "reasoning_content"));
  if (reply.reasoning.empty()) reply.reasoning = text_of(member(message, "reasoning"));
  for (const json& call : member(message, "tool_calls")) {
    const json& function = member(call, "function");
    reply.tools.push_back({text_of(member(call, "id")), text_of(member(function, "name")),
                           text_of(member(function, "arguments"))});
  }
  return reply;
}

std::optional<finish_reason> reason_in(std::string_view body) {
  model_reply facts;
  if (!read_model_reply(body, facts)) return std::nullopt;
  for (std::size_t i = 0; i < finish_reasons; ++i) {
    if (facts.finished[i] != 0) return static_cast<finish_reason>(i);
  }
  return std::nullopt;
}

// Of one choice, whatever the others ended by.
std::optional<finish_reason> reason_of(const json& choice) {
  const json& reason = member(choice, "finish_reason");
  if (!reason.is_string()) return std::nullopt;
  json alone;
  alone["choices"][0]["finish_reason"] = reason;
  return reason_in(alone.dump(-1, ' ', false, json::error_handler_t::replace));
}

// The one that is numbered 0, else the first one: their order is the endpoint's own.
const json& first_choice(const json& choices) {
  for (const json& choice : choices) {
    if (index_of(member(choice, "index")) == 0u) return choice;
  }
  return choices.front();
}

answer answer_of_items(const json& output) {
  answer reply;
  for (const json& item : output) {
    const std::string type = text_of(member(item, "type"));
    if (type == "message") add_content(reply, member(item, "content"));
    if (type == "function_call") {
      reply.tools.push_back({text_of(member(item, "call_id")), text_of(member(item, "name")),
                             text_of(member(item, "arguments"))});
    }
    if (type != "reasoning") continue;
    for (const json& part : member(item, "summary")) {
      reply.reasoning += text_of(member(part, "text"));
    }
  }
  return reply;
}

std::optional<std::vector<float>> numbers_of(const json& value) {
  if (value.is_string()) return floats_of_base64(value.get_ref<const std::string&>());
  if (!value.is_array()) return std::nullopt;
  std::vector<float> numbers;
  numbers.reserve(value.size());
  for (const json& number : value) {
    if (!number.is_number()) return std::nullopt;
    numbers.push_back(number.get<float>());
  }
  return numbers;
}

bool are_finite(const std::vector<float>& numbers) {
  return std::ranges::all_of(numbers, [](float number) { return std::isfinite(number); });
}

constexpr std::array<std::int8_t, 256> base64_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

}  // namespace

std::optional<answer> answer_in(std::string_view body) {
  const json reply = json::parse(body, nullptr, false);
  const json& choices = member(reply, "choices");
  if (choices.is_array() && !choices.empty()) {
    const json& first = first_choice(choices);
    answer found = answer_of_message(member(first, "message"));
    found.finish_reason = reason_of(first);
    return found;
  }
  const json& output = member(reply, "output");
  if (!output.is_array()) return std::nullopt;
  answer found = answer_of_items(output);
  found.finish_reason = reason_in(body);
  return found;
}

std::vector<choice_piece> pieces_in(std::string_view event) {
  const json parsed = json::parse(event, nullptr, false);
  std::vector<choice_piece> pieces;
  for (const json& choice : member(parsed, "choices")) {
    choice_piece piece{
        .choice = static_cast<std::uint32_t>(index_of(member(choice, "index")).value_or(0)),
        .brought = answer_of_message(member(choice, "delta"))};
    piece.brought.text += text_of(member(choice, "text"));
    piece.brought.finish_reason = reason_of(choice);
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

// By the numbers of the inputs: an endpoint may send them in any order.
std::optional<std::vector<std::vector<float>>> vectors_in(std::string_view body,
                                                          std::size_t count) {
  const json reply = json::parse(body, nullptr, false);
  const json& data = member(reply, "data");
  if (!data.is_array() || data.size() != count) return std::nullopt;
  std::vector<std::vector<float>> vectors(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = index_of(member(data[i], "index")).value_or(i);
    auto numbers = numbers_of(member(data[i], "embedding"));
    if (place >= count || !vectors[place].empty() || !numbers || numbers->empty() ||
        !are_finite(*numbers)) {
      return std::nullopt;
    }
    vectors[place] = std::move(*numbers);
  }
  for (const std::vector<float>& vector : vectors) {
    if (vector.size() != vectors.front().size()) return std::nullopt;
  }
  return vectors;
}

std::optional<std::vector<ranked_document>> ranking_in(std::string_view body, std::size_t count) {
  const json reply = json::parse(body, nullptr, false);
  const json& results = member(reply, "results");
  if (!results.is_array()) return std::nullopt;
  std::vector<ranked_document> ranked;
  for (const json& result : results) {
    const auto index = index_of(member(result, "index"));
    const json& score = member(result, "relevance_score");
    if (!index || *index >= count || !score.is_number()) return std::nullopt;
    ranked.push_back({*index, score.get<double>()});
  }
  std::ranges::stable_sort(ranked, std::ranges::greater{}, &ranked_document::score);
  return ranked;
}

std::string unescaped(std::string_view raw) {
  std::string quoted{'"'};
  quoted += raw;
  quoted += '"';
  const json text = json::parse(quoted, nullptr, false);
  return text.is_string() ? text.get<std::string>() : std::string{raw};
}

std::optional<std::vector<float>> floats_of_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  const std::size_t bytes = text.size() / 4 * 3 + (text.size() % 4) * 3 / 4;
  if (text.size() % 4 == 1 || bytes % sizeof(float) != 0) return std::nullopt;
  std::vector<float> numbers;
  numbers.reserve(bytes / sizeof(float));
  std::uint64_t bits = 0;  // six of each character, the oldest highest
  unsigned held = 0;
  std::uint32_t word = 0;
  unsigned bytes_in_word = 0;
  for (const char c : text) {
    const int value = base64_values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint64_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    word |= static_cast<std::uint32_t>(bits >> held & 0xFF) << (8 * bytes_in_word);
    if (++bytes_in_word < sizeof word) continue;
    numbers.push_back(std::bit_cast<float>(std::exchange(word, 0)));
    bytes_in_word = 0;
  }
  return numbers;
}

// Endpoints differ: some number no call, or all of them 0, and repeat the id and the name in each piece.
tool_call* tool_calls_in_pieces::find(std::optional<std::size_t> index, std::string_view id,
                                      std::string_view name) {
  constexpr std::size_t most = 1024;
  constexpr auto none = static_cast<std::size_t>(-1);
  if (index && *index >= most) return nullptr;
  if (index && *index >= places_.size()) places_.resize(*index + 1, none);
  std::size_t* const place = index ? &places_[*index] : nullptr;
  if (place != nullptr && *place != none) {
    tool_call& known = calls_[*place];
    if (id.empty() || known.id.empty() || known.id == id) return &known;
  } else if (place == nullptr && !calls_.empty() && name.empty() &&
             (id.empty() || id == calls_.back().id)) {
    return &calls_.back();
  }
  if (calls_.size() >= most) return nullptr;
  if (place != nullptr) *place = calls_.size();
  return &calls_.emplace_back();
}

void tool_calls_in_pieces::add_piece(std::optional<std::size_t> index, std::string_view id,
                                     std::string_view name, std::string_view arguments) {
  tool_call* const call = find(index, id, name);
  if (call == nullptr) return;
  if (call->id.empty()) call->id = id;
  if (call->name != name) call->name += name;
  call->arguments += arguments;
}

void tool_calls_in_pieces::add(std::string_view text) {
  const json event = json::parse(text, nullptr, false);
  const json& choices = member(event, "choices");
  if (choices.is_array() && !choices.empty()) {
    const json& first = first_choice(choices);
    if (index_of(member(first, "index")).value_or(0) != 0) return;
    for (const json& piece : member(member(first, "delta"), "tool_calls")) {
      const json& function = member(piece, "function");
      add_piece(index_of(member(piece, "index")), text_of(member(piece, "id")),
                text_of(member(function, "name")), text_of(member(function, "arguments")));
    }
    return;
  }
  const json& item = member(event, "item");
  if (text_of(member(item, "type")) == "function_call") {
    calls_.push_back({text_of(member(item, "call_id")), text_of(member(item, "name")), {}});
  } else if (!calls_.empty()) {
    calls_.back().arguments += text_of(member(event, "delta"));
  }
}

}  // namespace querytap::llm::detail
