#include <querytap/calls/models/model_reply.hpp>

#include "../../base/ascii.hpp"
#include "json_reader.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>

namespace querytap {
namespace {

using detail::json_reader;
using detail::json_string;
using detail::key_word;

finish_reason reason_named(std::string_view name) noexcept {
  if (name == "stop" || name == "completed" || name == "eos" || name == "word")
    return finish_reason::stop;
  if (name == "length" || name == "max_output_tokens" || name == "limit")
    return finish_reason::length;
  if (name == "tool_calls" || name == "function_call") return finish_reason::tool_calls;
  return name == "content_filter" ? finish_reason::content_filter : finish_reason::other;
}

/// Walks through one message; each member reads one kind of object.
class message_reader {
 public:
  message_reader(std::string_view json, model_reply& into) noexcept : json_{json}, reply_{into} {}

  bool read() noexcept {
    if (json_.peek() != '{') return false;
    json_.read_object([this](std::string_view key) { read_top(key); });
    if (!json_.is_done()) return false;
    settle();
    return true;
  }

 private:
  // Most keys of most messages are none of these: a switch rules them out at once.
  void read_top(std::string_view key) noexcept {
    switch (key_word(key)) {
      case key_word("choices"): return read_choices();
      case key_word("model"): return read_text(reply_.model);
      case key_word("usage"): return read_usage();
      case key_word("error"): return read_error();
      case key_word("message"): return read_message();
      case key_word("type"): return read_text(type_);
      case key_word("delta"): return read_texts(delta_);
      case key_word("item"): return read_item();
      case key_word("output"): return read_output_list();
      case key_word("status"): return read_text(status_);
      case key_word("code"): return read_text(top_code_);
      case key_word("done"):
      case key_word("stop"): return read_done();
      case key_word("content"): return read_texts(reply_.text);
      case key_word("data"): return read_list(reply_.vectors);
      case key_word("results"): return read_list(reply_.ranked);
      case key_word("timings"): return read_timings();
      default: break;
    }
    if (key.size() < 8) return json_.skip();
    read_longer_top(key);
  }

  void read_longer_top(std::string_view key) noexcept {
    if (key == "response") return read_response();
    if (key == "thinking") return read_texts(reply_.reasoning);
    if (key == "done_reason" || key == "stop_type") return read_text(done_reason_);
    if (key == "service_tier") return read_text(reply_.service_tier);
    if (key == "incomplete_details") return read_incomplete_details();
    if (key == "prompt_eval_count") return read_count(reply_.usage.input);
    if (key == "eval_count") return read_count(reply_.usage.output);
    if (key == "load_duration") return read_load_time();
    if (key == "tokens_evaluated") return read_count(evaluated_);
    if (key == "tokens_predicted") return read_count(predicted_);
    if (key == "embeddings") return read_list(reply_.vectors);
    json_.skip();
  }

  void read_text(std::string_view& into) noexcept {
    if (const auto found = json_.string()) into = found->raw;
  }
  void read_count(std::optional<std::uint64_t>& into) noexcept {
    if (const auto found = json_.count()) into = found;
  }
  void read_texts(reply_text& into) noexcept {
    const auto found = json_.string();
    if (!found) return;
    if (into.bytes == 0) {
      into.raw = found->raw;
      into.has_escapes = found->has_escapes;
    }
    into.bytes += found->decoded_bytes();
  }
  void read_list(std::uint32_t& count) noexcept {
    json_.read_array([&](std::size_t) {
      if (count != std::numeric_limits<std::uint32_t>::max()) ++count;
      json_.skip();
    });
  }
  void read_done() noexcept { reply_.is_end = json_.boolean() || reply_.is_end; }
  void read_load_time() noexcept {
    if (const auto spent = json_.count()) {
      reply_.load_time = std::chrono::nanoseconds{static_cast<std::int64_t>(*spent)};
    }
  }

  void read_choices() noexcept {
    json_.read_array([this](std::size_t place) {
      const std::array known{reply_.text, reply_.reasoning, reply_.refusal};
      json_.read_object([&](std::string_view key) { read_choice(key, place == 0); });
      ++reply_.choices;
      if (place != 0) restore_texts(known);
    });
  }

  // To those of the first choice, which may have none; the bytes are those of all.
  void restore_texts(const std::array<reply_text, 3>& known) noexcept {
    const std::array texts{&reply_.text, &reply_.reasoning, &reply_.refusal};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      texts[i]->raw = known[i].raw;
      texts[i]->has_escapes = known[i].has_escapes;
    }
  }

  void read_choice(std::string_view key, bool is_first) noexcept {
    switch (key_word(key)) {
      case key_word("delta"):
      case key_word("message"): return read_message();
      case key_word("text"): return read_texts(reply_.text);
      case key_word("index"):
        if (!is_first) break;
        reply_.choice = static_cast<std::uint32_t>(json_.count().value_or(0));
        return;
      default: break;
    }
    key == "finish_reason" ? read_finish_reason() : json_.skip();
  }

  void read_message() noexcept {
    if (json_.peek() == '"') return json_.skip();  // of an error: it may name anything
    bool has_reasoning = false;                    // vLLM sends the same text under both names
    json_.read_object([&](std::string_view key) {
      switch (key_word(key)) {
        case key_word("content"): return read_content();
        case key_word("refusal"): return read_texts(reply_.refusal);
        default: break;
      }
      if (key == "tool_calls") return read_tool_calls();
      if (key == "reasoning_content" || key == "reasoning" || key == "thinking") {
        if (has_reasoning) return json_.skip();
        const std::size_t before = reply_.reasoning.bytes;
        read_texts(reply_.reasoning);
        has_reasoning = reply_.reasoning.bytes != before;
        return;
      }
      if (key == "function_call") return read_tool_call();
      json_.skip();
    });
  }

  // A text, or a list of parts.
  void read_content() noexcept {
    if (json_.peek() != '[') return read_texts(reply_.text);
    json_.read_array([this](std::size_t) {
      json_.read_object([this](std::string_view key) {
        if (key == "text") return read_texts(reply_.text);
        if (key == "refusal") return read_texts(reply_.refusal);
        json_.skip();
      });
    });
  }

  void read_tool_calls() noexcept {
    json_.read_array([this](std::size_t) { read_tool_call(); });
  }

  // Only the first piece of a call has its name.
  void read_tool_call() noexcept {
    bool begins = false;
    json_.read_object([&](std::string_view key) {
      if (key == "name") {
        begins = has_text() || begins;
      } else if (key == "arguments") {
        read_arguments();
      } else if (key == "function") {
        json_.read_object([&](std::string_view inner) {
          if (inner == "name") {
            begins = has_text() || begins;
          } else if (inner == "arguments") {
            read_arguments();
          } else {
            json_.skip();
          }
        });
      } else {
        json_.skip();
      }
    });
    if (begins) ++reply_.tool_calls;
  }

  [[nodiscard]] bool has_text() noexcept {
    const auto found = json_.string();
    return found && !found->raw.empty();
  }
  void read_arguments() noexcept {
    if (const auto found = json_.string()) reply_.tool_bytes += found->decoded_bytes();
  }

  void read_finish_reason() noexcept {
    if (const auto found = json_.string()) finish(reason_named(found->raw));
  }
  void finish(finish_reason reason) noexcept {
    ++reply_.finished[static_cast<std::size_t>(reason)];
  }

  void read_usage() noexcept {
    token_usage& usage = reply_.usage;
    json_.read_object([&](std::string_view key) {
      if (key == "prompt_tokens" || key == "input_tokens") return read_count(usage.input);
      if (key == "completion_tokens" || key == "output_tokens") return read_count(usage.output);
      if (key == "prompt_tokens_details" || key == "input_tokens_details") {
        return read_input_details();
      }
      if (key == "completion_tokens_details" || key == "output_tokens_details") {
        json_.read_object([&](std::string_view inner) {
          inner == "reasoning_tokens" ? read_count(usage.reasoning) : json_.skip();
        });
        return;
      }
      if (key == "total_tokens") return read_count(total_);
      json_.skip();
    });
  }

  void read_input_details() noexcept {
    json_.read_object([this](std::string_view key) {
      if (key == "cached_tokens") return read_count(reply_.usage.cached);
      if (key == "cache_write_tokens") return read_count(reply_.usage.cache_written);
      json_.skip();
    });
  }

  // llama.cpp counts what it took from its cache apart from the prompt.
  void read_timings() noexcept {
    std::optional<std::uint64_t> prompt;
    json_.read_object([&](std::string_view key) {
      if (key == "prompt_n") return read_count(prompt);
      if (key == "cache_n") return read_count(cache_n_);
      if (key == "predicted_n") return read_count(predicted_);
      json_.skip();
    });
    if (prompt) evaluated_ = *prompt + cache_n_.value_or(0);
  }

  void read_error() noexcept {
    const char next = json_.peek();
    if (next == 'n' || next == 'f') return json_.skip();  // `"error":null`
    reply_.has_error = true;
    if (next != '{') return json_.skip();  // a message, which may name anything
    json_.read_object([this](std::string_view key) {
      if (key == "type") return read_text(reply_.error_type);
      if (key == "code") return read_error_code();
      json_.skip();
    });
  }

  // A word, or a number as of HTTP.
  void read_error_code() noexcept {
    if (json_.peek() == '"') return read_text(reply_.error_code);
    const std::string_view number = json_.scalar();
    if (!number.empty() && detail::is_ascii_digit(number.front())) reply_.error_code = number;
  }

  // Of the API of responses an object, of Ollama's /api/generate a text.
  void read_response() noexcept {
    if (json_.peek() == '"') return read_texts(reply_.text);
    json_.read_object([this](std::string_view key) {
      if (key == "model") return read_text(reply_.model);
      if (key == "usage") return read_usage();
      if (key == "error") return read_error();
      if (key == "status") return read_text(status_);
      if (key == "service_tier") return read_text(reply_.service_tier);
      if (key == "incomplete_details") return read_incomplete_details();
      json_.skip();  // its output came in events of its own
    });
  }

  void read_incomplete_details() noexcept {
    json_.read_object([this](std::string_view key) {
      key == "reason" ? read_text(incomplete_reason_) : json_.skip();
    });
  }

  void read_output_list() noexcept {
    json_.read_array([this](std::size_t) { read_item(); });
  }

  // Of the API of responses: a message, a call of a tool, or a summary of reasoning.
  void read_item() noexcept {
    std::string_view type;
    std::size_t arguments = 0;
    json_.read_object([&](std::string_view key) {
      if (key == "type") return read_text(type);
      if (key == "content") return read_content();
      if (key == "arguments") {
        if (const auto found = json_.string()) arguments = found->decoded_bytes();
        return;
      }
      json_.skip();
    });
    if (type != "function_call") return;
    ++item_calls_;
    item_bytes_ += arguments;
  }

  // What a field means may be said by one that comes after it.
  void settle() noexcept {
    settle_type();
    if (type_.empty()) take_item_calls();
    settle_status();
    if (!done_reason_.empty() && reply_.is_end) finish(reason_named(done_reason_));
    token_usage& usage = reply_.usage;
    if (!usage.input && evaluated_) {
      usage.input = evaluated_;
      if (!usage.cached) usage.cached = cache_n_;
    }
    if (!usage.output) usage.output = predicted_;
    if (!usage.input && !usage.output) usage.input = total_;  // of rerankers
    for (reply_text* const text : {&reply_.text, &reply_.reasoning, &reply_.refusal}) {
      if (text->bytes == 0) *text = {};
    }
  }

  void take_item_calls() noexcept {
    reply_.tool_calls += item_calls_;
    reply_.tool_bytes += item_bytes_;
  }

  void settle_type() noexcept {
    constexpr std::string_view prefix = "response.";
    if (type_ == "error") {
      reply_.has_error = true;
      if (!top_code_.empty()) reply_.error_code = top_code_;
      return;
    }
    if (!type_.starts_with(prefix)) return;
    const std::string_view event = type_.substr(prefix.size());
    if (event == "output_text.delta") {
      reply_.text = delta_;
    } else if (event == "refusal.delta") {
      reply_.refusal = delta_;
    } else if (event == "reasoning_text.delta" || event == "reasoning_summary_text.delta") {
      reply_.reasoning = delta_;
    } else if (event == "function_call_arguments.delta") {
      reply_.tool_bytes += delta_.bytes;
    } else if (event == "output_item.added") {
      reply_.text = {};
      reply_.tool_calls += item_calls_;
    } else {
      // Events that end something repeat all of it.
      reply_.text = reply_.refusal = reply_.reasoning = {};
      reply_.is_end = event == "completed" || event == "incomplete" || event == "failed";
    }
  }

  // Only a response that is over has finished; those of other events are in progress.
  void settle_status() noexcept {
    if (status_ == "completed") finish(finish_reason::stop);
    if (status_ == "incomplete") finish(reason_named(incomplete_reason_));
    if (status_ == "failed") reply_.has_error = true;
  }

  json_reader json_;
  model_reply& reply_;
  reply_text delta_;
  std::string_view type_, status_, done_reason_, incomplete_reason_, top_code_;
  std::optional<std::uint64_t> evaluated_, predicted_, cache_n_, total_;
  std::uint32_t item_calls_ = 0;
  std::size_t item_bytes_ = 0;
};

// What was a view into `from` becomes one into `into`, which has the same bytes; of those behind the piece of
// text, `moved` bytes further on.
std::string_view in_other_place(std::string_view view, const char* from, const char* into,
                                std::size_t before, std::ptrdiff_t moved) noexcept {
  if (view.data() == nullptr) return {};
  std::ptrdiff_t place = view.data() - from;
  if (place >= static_cast<std::ptrdiff_t>(before)) place += moved;
  return {into + place, view.size()};
}

}  // namespace

bool read_model_reply(std::string_view json, model_reply& into) noexcept {
  into = {};
  if (!message_reader{json, into}.read()) {
    into = {};
    return false;
  }
  into.json = json;
  return true;
}

bool model_reply_reader::read(std::string_view json, model_reply& into) noexcept {
  if (differs_in_text_alone(json, into)) return true;
  const bool is_read = read_model_reply(json, into);
  learn(json, into);
  return is_read;
}

bool model_reply_reader::differs_in_text_alone(std::string_view json, model_reply& into) noexcept {
  if (before_ == 0 || json.size() < before_ + after_) return false;
  if (std::memcmp(json.data(), around_.data(), before_) != 0) return false;
  const std::size_t end = json.size() - after_;
  if (std::memcmp(json.data() + end, around_.data() + before_, after_) != 0) return false;
  // The piece and the quote behind it, which is the first byte of what stands behind.
  json_reader piece{json.substr(before_ - 1, end + 2 - before_)};
  const auto found = piece.string();
  if (!found || found->raw.size() != end - before_) return false;
  // Where this text is empty, another one may count.
  const std::size_t bytes = found->decoded_bytes();
  if (bytes == 0) return false;
  const auto moved = static_cast<std::ptrdiff_t>(end) - static_cast<std::ptrdiff_t>(before_);
  into = known_;
  into.json = json;
  const auto place = [&](std::string_view& view) {
    view = in_other_place(view, around_.data(), json.data(), before_, moved);
  };
  place(into.model);
  place(into.service_tier);
  into.*piece_ = {found->raw, found->has_escapes, bytes};
  return true;
}

void model_reply_reader::learn(std::string_view json, const model_reply& reply) noexcept {
  before_ = 0;
  const bool has_text = reply.text.bytes != 0;
  const bool is_plain = has_text != (reply.reasoning.bytes != 0) && reply.refusal.bytes == 0 &&
                        reply.tool_bytes == 0 && reply.tool_calls == 0 && !reply.has_error;
  if (!is_plain) return;
  const auto piece = has_text ? &model_reply::text : &model_reply::reasoning;
  const std::string_view raw = (reply.*piece).raw;
  const json_string text{raw, (reply.*piece).has_escapes};
  const bool is_only_one = text.decoded_bytes() == (reply.*piece).bytes;
  if (!is_only_one || json.size() - raw.size() > longest) return;
  before_ = static_cast<std::size_t>(raw.data() - json.data());
  after_ = json.size() - before_ - raw.size();
  std::memcpy(around_.data(), json.data(), before_);
  std::memcpy(around_.data() + before_, raw.data() + raw.size(), after_);
  piece_ = piece;
  known_ = reply;
  known_.*piece = {};
  const auto place = [&](std::string_view& view) {
    view = in_other_place(view, json.data(), around_.data(), before_,
                          -static_cast<std::ptrdiff_t>(raw.size()));
  };
  place(known_.model);
  place(known_.service_tier);
}

}  // namespace querytap
