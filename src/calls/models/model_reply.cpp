#include <querytap/calls/models/model_reply.hpp>

#include "json_reader.hpp"

#include <limits>
#include <optional>

namespace querytap {
namespace {

using detail::json_reader;
using detail::json_string;

finish_reason reason_named(std::string_view name) noexcept {
  if (name == "stop" || name == "completed") return finish_reason::stop;
  if (name == "length" || name == "max_output_tokens" || name == "limit")
    return finish_reason::length;
  if (name == "tool_calls" || name == "function_call") return finish_reason::tool_calls;
  return name == "content_filter" ? finish_reason::content_filter : finish_reason::other;
}

/// Walks through one message; each member reads one kind of object.
class reply_reader {
 public:
  reply_reader(std::string_view json, model_reply& into) noexcept : json_{json}, reply_{into} {}

  bool read() noexcept {
    if (json_.peek() != '{') return false;
    json_.read_object([this](std::string_view key) { read_top(key); });
    if (!json_.is_done()) return false;
    settle();
    return true;
  }

 private:
  // By length first: most keys of most messages are none of these.
  void read_top(std::string_view key) noexcept {
    switch (key.size()) {
      case 4:
        if (key == "data") return read_list(reply_.vectors);
        if (key == "type") return read_text(type_);
        if (key == "item") return read_item();
        if (key == "done") return read_done();
        if (key == "stop") return read_done();
        break;
      case 5:
        if (key == "model") return read_text(reply_.model);
        if (key == "usage") return read_usage();
        if (key == "error") return read_error();
        if (key == "delta") return read_texts(delta_);
        break;
      case 6:
        if (key == "output") return read_output_list();
        if (key == "status") return read_text(status_);
        break;
      default: return read_longer_top(key);
    }
    read_error_field(key);
  }

  void read_longer_top(std::string_view key) noexcept {
    if (key == "choices") return read_choices();
    if (key == "message") return read_message();
    if (key == "results") return read_list(reply_.ranked);
    if (key == "content") return read_texts(reply_.text);
    if (key == "timings") return read_timings();
    if (key == "response") return read_response();
    if (key == "thinking") return read_texts(reply_.reasoning);
    if (key == "done_reason") return read_text(done_reason_);
    if (key == "service_tier") return read_text(reply_.service_tier);
    if (key == "incomplete_details") return read_incomplete_details();
    if (key == "prompt_eval_count") return read_count(reply_.usage.input);
    if (key == "eval_count") return read_count(reply_.usage.output);
    if (key == "load_duration") return read_load_time();
    if (key == "tokens_evaluated") return read_count(evaluated_);
    if (key == "tokens_predicted") return read_count(predicted_);
    json_.skip();
  }

  // Of `{"type":"error","code":…}`, where the fields of the error are those of the event.
  void read_error_field(std::string_view key) noexcept {
    if (key == "code") return read_text(top_code_);
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
      json_.read_object([&](std::string_view key) {
        if (key == "delta" || key == "message") return read_message();
        if (key == "finish_reason") return read_finish_reason();
        if (key == "text") return read_texts(reply_.text);
        if (key == "index" && place == 0) {
          reply_.choice = static_cast<std::uint32_t>(json_.count().value_or(0));
          return;
        }
        json_.skip();
      });
    });
  }

  void read_message() noexcept {
    if (json_.peek() == '"') return json_.skip();  // of an error: it may name anything
    json_.read_object([this](std::string_view key) {
      if (key == "content") return read_content();
      if (key == "reasoning_content" || key == "reasoning" || key == "thinking") {
        return read_texts(reply_.reasoning);
      }
      if (key == "refusal") return read_texts(reply_.refusal);
      if (key == "tool_calls") return read_tool_calls();
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
      if (key == "code") return read_text(reply_.error_code);
      json_.skip();
    });
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

}  // namespace

bool read_model_reply(std::string_view json, model_reply& into) noexcept {
  into = {};
  if (reply_reader{json, into}.read()) return true;
  into = {};
  return false;
}

}  // namespace querytap
