#include <querytap/calls/models/model_call.hpp>

#include "../../base/ascii.hpp"
#include "model_series.hpp"

#include <querytap/base/phase.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <charconv>
#include <exception>
#include <numeric>

namespace querytap {
namespace {

// As the statement of the call has them: `chat gpt-4o-mini`.
class call_text {
 public:
  call_text(std::string_view operation, std::string_view model) noexcept {
    append(operation);
    append(" ");
    append(model);
  }
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  void append(std::string_view part) noexcept {
    const std::size_t size = std::min(part.size(), text_.size() - size_);
    std::copy_n(part.data(), size, text_.data() + size_);
    size_ += size;
  }

  std::array<char, 240> text_;
  std::size_t size_ = 0;
};

// Codes and types of errors are words; what is anything else may hold anything.
bool is_error_word(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 45 && std::ranges::all_of(text, [](char c) {
    return detail::is_ascii_alphanumeric(c) || c == '_' || c == '-' || c == '.';
  });
}

// "meta-llama/Llama-3.1-8B:free", and no text that an endpoint echoes.
bool is_model_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 160 && std::ranges::all_of(text, [](char c) {
    return detail::is_ascii_alphanumeric(c) ||
           std::string_view{"_-.:/@+"}.find(c) != std::string_view::npos;
  });
}

bool is_inference(std::string_view operation) noexcept {
  return operation == "chat" || operation == "text_completion" || operation == "generate_content";
}

outcome failure_with(std::string_view word, int status) noexcept {
  std::array<char, 12> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), status).ptr;
  const std::string_view code{digits.data(), static_cast<std::size_t>(end - digits.data())};
  const std::string_view shown = status >= 400 ? code : std::string_view{};
  const bool is_timeout = status == 408 || status == 504;
  return outcome::error(word.empty() ? shown : word, shown,
                        is_timeout ? failure_kind::timeout : failure_kind::error);
}

constexpr std::string_view token_type = "gen_ai.token.type";
constexpr std::string_view token_modality = "gen_ai.token.modality";
constexpr std::string_view modality_unknown = "unknown";

}  // namespace

template <std::size_t Size>
void model_call::short_name<Size>::set(std::string_view name) noexcept {
  size = std::min(name.size(), Size);
  std::copy_n(name.data(), size, characters.data());
}

model_call::model_call(const model_endpoint& endpoint, std::string_view operation,
                       std::string_view model, code_location site) noexcept
    : endpoint_{endpoint},
      call_{endpoint.calls().statement_for(call_text{operation, model}.view()), site},
      begin_{endpoint.calls().time().ticks()},
      exceptions_{std::uncaught_exceptions()} {
  operation_.set(operation);
  asked_.set(model);
}

// What leaves by an exception fails by it: the operation sees to that itself.
model_call::~model_call() {
  if (!is_finished_) settle(false);
}

const model_reply* model_call::next(std::string_view& rest, std::uint64_t arrival) noexcept {
  is_stream_ = true;
  sse_event event;
  while (parser_.next(rest, event)) {
    if (event.data == "[DONE]") {
      is_ended_ = true;
      continue;
    }
    const bool is_read = reader_.read(event.data, message_);
    if (event.name == "error") message_.has_error = true;
    if (!is_read && !message_.has_error) continue;
    take(message_);
    if (message_.has_output()) take_chunk(arrival);
    return &message_;
  }
  return nullptr;
}

void model_call::answer(std::string_view body) noexcept {
  has_answer_ = true;
  if (read_model_reply(body, message_)) {
    take(message_);
  } else if (status_ < 400 && !failure_.failed()) {
    failure_ = outcome::error("unreadable_reply");
  }
}

void model_call::take(const model_reply& message) noexcept {
  if (message.has_error) fail_by(message);
  if (is_model_name(message.model) && message.model != answered_.view()) {
    answered_.set(message.model);
  }
  if (is_error_word(message.service_tier)) tier_.set(message.service_tier);
  const auto keep_known = [](auto& into, const auto& from) {
    if (from) into = from;
  };
  keep_known(usage_.input, message.usage.input);
  keep_known(usage_.output, message.usage.output);
  keep_known(usage_.cached, message.usage.cached);
  keep_known(usage_.cache_written, message.usage.cache_written);
  keep_known(usage_.reasoning, message.usage.reasoning);
  std::uint32_t ended = 0;
  for (const std::uint32_t choices : message.finished) ended |= choices;
  if (ended != 0) [[unlikely]]
    take_finished(message);
  output_bytes_ +=
      message.text.bytes + message.reasoning.bytes + message.refusal.bytes + message.tool_bytes;
  tool_calls_ += message.tool_calls;
  vectors_ += message.vectors;
  is_refused_ = is_refused_ || message.refusal.bytes != 0;
  is_ended_ = is_ended_ || message.is_end;
  load_time_ = std::max(load_time_, message.load_time);
}

// Some endpoints give the reason in each chunk.
void model_call::take_finished(const model_reply& message) noexcept {
  if (message.choices <= 1 && message.choice < 64) {
    const std::uint64_t bit = std::uint64_t{1} << message.choice;
    if ((finished_choices_ & bit) != 0) return;
    finished_choices_ |= bit;
  }
  for (std::size_t i = 0; i < finish_reasons; ++i) finished_[i] += message.finished[i];
}

void model_call::take_chunk(std::uint64_t arrival) noexcept {
  if (chunks_++ == 0) {
    first_chunk_ = arrival;
  } else if (find_series()) {
    try {
      const auto& instruments = detail::gen_ai_instruments::find(series_->names());
      series_->histogram_of(*instruments.time_per_output_chunk)
          .record(time().nanoseconds_between(last_chunk_, arrival));
    } catch (const std::exception&) {
      last_chunk_ = arrival;  // no memory for the series
    }
  }
  last_chunk_ = arrival;
}

void model_call::fail_by(const model_reply& message) noexcept {
  if (failure_.failed()) return;
  // A number says less than a word.
  const bool has_code = is_error_word(message.error_code);
  const bool is_number = has_code && detail::is_ascii_digit(message.error_code.front());
  const bool has_type = is_error_word(message.error_type);
  std::string_view word;
  if (has_code && (!is_number || !has_type)) {
    word = message.error_code;
  } else if (has_type) {
    word = message.error_type;
  }
  failure_ = failure_with(word, status_);
}

void model_call::retried() noexcept {
  call_.retried();
  parser_.reset();
  headers_ = {};
  usage_ = {};
  failure_ = {};
  answered_ = {};
  tier_ = {};
  load_time_ = {};
  series_ = detail::ref<const detail::model_series>{};
  finished_ = {};
  finished_choices_ = 0;
  output_bytes_ = 0;
  first_chunk_ = last_chunk_ = 0;
  chunks_ = tool_calls_ = vectors_ = 0;
  status_ = 0;
  is_stream_ = has_answer_ = is_refused_ = is_ended_ = false;
}

void model_call::fail(const outcome& failure) noexcept { failure_ = failure; }

void model_call::service_tier(std::string_view tier) noexcept { asked_tier_.set(tier); }

void model_call::finish() noexcept {
  if (is_finished_) return;
  // The last of JSON lines may have no end.
  if (parser_.format() == stream_format::ndjson && parser_.has_unfinished_event()) feed("\n");
  settle(true);
  call_.finish();
}

void model_call::settle(bool is_over) noexcept {
  is_finished_ = true;
  settle_failure(is_over);
  if (failure_.failed()) call_.fail(failure_);
  call_.answered_by(answered_.view());
  settle_phases();
  settle_cost();
  if (find_series()) record_results(*series_);
}

void model_call::settle_failure(bool is_over) noexcept {
  if (failure_.failed()) return;
  const bool has_reason =
      std::accumulate(finished_.begin(), finished_.end(), std::uint32_t{0}) != 0;
  const bool is_whole = has_answer_ || is_ended_ || has_reason;
  if (status_ >= 400) {
    failure_ = failure_with({}, status_);
  } else if (!is_over && !is_whole) {
    failure_ = std::uncaught_exceptions() > exceptions_
                   ? outcome::error({})
                   : outcome::error("cancelled", {}, failure_kind::cancelled);
  } else if (parser_.skipped_events() != 0) {
    failure_ = outcome::error("too_large");
  } else if (is_stream_ && !is_whole) {
    failure_ = outcome::error("stream_cut");
  }
}

// Told at the end, when it is known how long the connection took. What is left is of the last phase.
void model_call::settle_phases() noexcept {
  const std::chrono::nanoseconds connected = elsewhere_.total();
  for (std::size_t i = 0; connected.count() > 0 && i < phases; ++i) {
    const auto other = static_cast<phase>(i);
    call_.spent(other, elsewhere_[other]);
  }
  if (chunks_ == 0) return;
  const std::chrono::nanoseconds until_first{
      static_cast<std::int64_t>(time().nanoseconds_between(begin_, first_chunk_))};
  call_.spent(phase::first_byte, until_first - std::min(until_first, connected));
  call_.was(phase::fetch);
}

bool model_call::find_series() noexcept {
  if (series_) return true;
  if (!detail::is_compiled_in || !endpoint_.series().enabled()) return false;
  try {
    series_ = endpoint_.series().find({operation_.view(), asked_.view(), answered_.view()});
    return true;
  } catch (const std::exception&) {
    return false;  // no memory: the duration is recorded nevertheless
  }
}

void model_call::record_results(const detail::model_series& series) noexcept {
  try {
    record_first_chunk(series);
    record_answers(series);
    record_tokens(series);
    record_cost(series);
    record_headers(series);
  } catch (const std::exception&) {
    return;  // no memory for a series
  }
}

// A model that had to be loaded first says nothing of how fast it answers.
void model_call::record_first_chunk(const detail::model_series& series) const {
  if (chunks_ == 0) return;
  const std::uint64_t spent = time().nanoseconds_between(begin_, first_chunk_);
  if (static_cast<std::uint64_t>(load_time_.count()) * 2 > spent) return;
  const auto& instruments = detail::gen_ai_instruments::find(series.names());
  series.histogram_of(*instruments.time_to_first_chunk).record(spent);
}

void model_call::record_answers(const detail::model_series& series) const {
  constexpr std::string_view key = "querytap.result";
  if (tool_calls_ != 0) series.counter_of(catalog::gen_ai::tool_calls).add(tool_calls_);
  if (vectors_ != 0) {
    series.histogram_of(catalog::gen_ai::embedding_inputs).record(std::uint64_t{vectors_});
  }
  if (failure_.failed()) return;
  if (is_stream_ && !is_ended_) series.counter_of(catalog::gen_ai::unended_streams).add();
  for (std::size_t i = 0; i < finish_reasons; ++i) {
    if (finished_[i] == 0) continue;
    const std::string_view reason = to_string(static_cast<finish_reason>(i));
    series.counter_of(catalog::gen_ai::answers, key, is_refused_ ? "refusal" : reason)
        .add(finished_[i]);
  }
}

bool model_call::is_missing_usage() const noexcept {
  if (usage_.is_reported()) return false;
  return chunks_ != 0 || (has_answer_ && !failure_.failed());
}

void model_call::record_tokens(const detail::model_series& series) const {
  if (is_missing_usage()) {
    endpoint_.series().without_usage().add();
    record_estimate(series);
  }
  if (series.names() == gen_ai_names::latest) return record_usage_counters(series);
  if (usage_.input) {
    series.histogram_of(catalog::gen_ai::token_usage, token_type, "input").record(*usage_.input);
  }
  if (usage_.output) {
    series.histogram_of(catalog::gen_ai::token_usage, token_type, "output").record(*usage_.output);
  }
}

// A failed call counts too, with the 0 of what it did not report; the histograms are for those that did not.
void model_call::record_usage_counters(const detail::model_series& series) const {
  const bool is_good = !failure_.failed();
  if (series.operation() == "embeddings" && usage_.input && is_good) {
    series.histogram_of(catalog::gen_ai::input_tokens_of_embeddings).record(*usage_.input);
  }
  if (!is_inference(series.operation())) return;
  const auto count = [&](const instrument& instrument, const auto& tokens) {
    series.counter_of(instrument, token_modality, modality_unknown).add(tokens.value_or(0));
  };
  count(catalog::gen_ai::input_tokens, usage_.input);
  count(catalog::gen_ai::output_tokens, usage_.output);
  if (usage_.cached) count(catalog::gen_ai::cache_read_tokens, usage_.cached);
  if (usage_.cache_written) count(catalog::gen_ai::cache_write_tokens, usage_.cache_written);
  if (usage_.reasoning) count(catalog::gen_ai::reasoning_tokens, usage_.reasoning);
  if (!is_good) return;
  if (usage_.input)
    series.histogram_of(catalog::gen_ai::input_tokens_of_operation).record(*usage_.input);
  if (usage_.output) {
    series.histogram_of(catalog::gen_ai::output_tokens_of_operation).record(*usage_.output);
  }
}

void model_call::record_estimate(const detail::model_series& series) const {
  if (input_bytes_ != 0) {
    series.counter_of(catalog::gen_ai::estimated_tokens, token_type, "input")
        .add(estimated_tokens(input_bytes_));
  }
  if (output_bytes_ != 0) {
    series.counter_of(catalog::gen_ai::estimated_tokens, token_type, "output")
        .add(estimated_tokens(output_bytes_));
  }
}

bool model_call::has_priced_usage() const noexcept {
  const bool has_price = endpoint_.prices() != nullptr || budget_ != nullptr;
  return has_price && (usage_.is_reported() || is_missing_usage());
}

// Budgets and callers need it, whatever is recorded.
void model_call::settle_cost() noexcept {
  if (!has_priced_usage() || endpoint_.prices() == nullptr) return;
  const std::string_view tier = tier_.size != 0 ? tier_.view() : asked_tier_.view();
  cost_ = endpoint_.prices()->cost_of({.model = answered_.view(),
                                       .asked_model = asked_.view(),
                                       .service_tier = tier,
                                       .usage = usage_,
                                       .time = time().wall()});
  if (cost_.status == cost_status::known && budget_ != nullptr) {
    budget_->add(cost_.amount, endpoint_.calls().options().system, asked_.view());
  }
}

void model_call::record_cost(const detail::model_series& series) const {
  if (!has_priced_usage()) return;
  if (cost_.status != cost_status::known) {
    series.counter_of(catalog::gen_ai::not_priced).add();
  } else if (budget_ == nullptr) {
    series.counter_of(catalog::gen_ai::cost)
        .add(static_cast<std::uint64_t>(cost_.amount.nanodollars));
  }
}

void model_call::record_headers(const detail::model_series& series) const {
  const auto show = [&](const rate_limit& limit, std::string_view name) {
    if (!limit.limit || *limit.limit == 0 || !limit.remaining) return;
    const double share = static_cast<double>(*limit.remaining) / static_cast<double>(*limit.limit);
    series.gauge_of(name).set(static_cast<std::int64_t>(std::min(share, 1.0) * 1e6));
  };
  show(headers_.requests(), "requests");
  show(headers_.tokens(), "tokens");
  show(headers_.input_tokens(), "input_tokens");
  show(headers_.output_tokens(), "output_tokens");
  if (const auto worked = headers_.processing_time()) {
    series.histogram_of(catalog::gen_ai::server_duration)
        .record(static_cast<std::uint64_t>(worked->count()));
  }
}

}  // namespace querytap
