#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/base/outcome.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/calls/models/budget.hpp>
#include <querytap/calls/models/model_endpoint.hpp>
#include <querytap/calls/models/model_reply.hpp>
#include <querytap/calls/models/price_table.hpp>
#include <querytap/calls/models/rate_limit.hpp>
#include <querytap/calls/models/sse_parser.hpp>
#include <querytap/calls/models/token_usage.hpp>
#include <querytap/calls/operation.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace querytap {

namespace detail {
class model_series;
}  // namespace detail

/// Times one call of a model, for any HTTP library: it is told what is received, and reads out of it what
/// is measured. Prompts and answers are neither stored nor exported.
///
///     model_call call{openai, "chat", "gpt-4o-mini"};         // before the request is sent
///     call.status(200);
///     while (read(bytes)) call.feed(bytes);                   // or call.answer(body), where nothing streams
///     call.finish();                                          // the reply is over
///
/// Records the duration, with its phases where the answer streams; the times to the first chunk and between
/// chunks; tokens; answers by the reason of their end; refusals; calls of tools; cost; what is left of rate
/// limits; and how long the endpoint worked, as it says itself. A chunk is an event with a piece of an answer:
/// one with a role alone is none.
///
/// A call fails by its status, an error in its stream, a reply that cannot be read, an event above 16 MiB, as
/// `too_large`, or a stream that ends without a reason, as `stream_cut`. Destroyed without finish(), it was
/// cancelled.
///
/// Threads  one at a time.
/// Cost     that of an operation, of the parsers, and a record for each chunk; no lock, no allocation once
///          the model is known and where events are not split. bench/calls/model_call_bench.cpp
/// Errors   never throws, but for what `visit` throws.
/// Lifetime the endpoint and the budget must outlive it.
class model_call {
 public:
  /// `operation` is `gen_ai.operation.name`: "chat", "embeddings", "text_completion", or a name of yours,
  /// "rerank".
  model_call(const model_endpoint& endpoint, std::string_view operation, std::string_view model,
             code_location site = code_location::current()) noexcept;
  model_call(const model_call&) = delete;
  model_call& operator=(const model_call&) = delete;
  ~model_call();

  /// Bytes of the texts that are sent: for an estimate where the endpoint reports no tokens.
  void input_bytes(std::size_t bytes) noexcept { input_bytes_ = bytes; }
  /// Whose account the cost is of.
  void paid_by(const budget& account) noexcept { budget_ = &account; }
  /// The call is billed as this service tier, unless the reply names one: "batch".
  void service_tier(std::string_view tier) noexcept;

  /// So much of the time was of another phase, of `connect` or `tls`, where an HTTP library tells: before finish().
  /// The time to the first chunk has it in it, the phase `first_byte` has not.
  void spent(phase phase, std::chrono::nanoseconds time) noexcept { elsewhere_[phase] += time; }

  void status(int http_status) noexcept { status_ = http_status; }
  void header(std::string_view name, std::string_view value) noexcept {
    headers_.read(name, value, time());
  }

  /// What has come of a streamed answer: server-sent events or JSON lines, split anywhere.
  void feed(std::string_view bytes) noexcept {
    const std::uint64_t arrival = time().ticks();
    while (next(bytes, arrival) != nullptr) {
    }
  }
  /// The same; `visit(const model_reply&)` is told each message.
  template <class Visit>
  void feed(std::string_view bytes, Visit visit) {
    const std::uint64_t arrival = time().ticks();
    while (const model_reply* const message = next(bytes, arrival)) visit(*message);
  }
  /// The whole body of a reply that does not stream, or that reports an error.
  void answer(std::string_view body) noexcept;

  /// The request was sent once more. What was told of its first reply is forgotten.
  void retried() noexcept;
  /// The call will end, or has ended, like this, whatever was received.
  void fail(const outcome& failure) noexcept;
  /// Stops the clock and records, once.
  void finish() noexcept;

  [[nodiscard]] const token_usage& usage() const noexcept { return usage_; }
  [[nodiscard]] const rate_limit_headers& headers() const noexcept { return headers_; }
  /// The error that the endpoint reported, if any: a code of its own, else a status.
  [[nodiscard]] const outcome& failure() const noexcept { return failure_; }
  /// As the endpoint names it; empty where it does not.
  [[nodiscard]] std::string_view model_that_answered() const noexcept { return answered_.view(); }
  /// Whether the stream has come to its end: further bytes are not awaited.
  [[nodiscard]] bool is_ended() const noexcept { return is_ended_; }
  /// What it cost; known once it has finished.
  [[nodiscard]] const call_cost& cost() const noexcept { return cost_; }

 private:
  template <std::size_t Size>
  struct short_name {
    std::array<char, Size> characters{};
    std::size_t size = 0;
    [[nodiscard]] std::string_view view() const noexcept { return {characters.data(), size}; }
    void set(std::string_view name) noexcept;
  };

  // The last event of a response repeats all of it.
  static constexpr std::size_t largest_event = std::size_t{16} << 20;

  [[nodiscard]] const clock& time() const noexcept { return endpoint_.calls().time(); }
  [[nodiscard]] const model_reply* next(std::string_view& rest, std::uint64_t arrival) noexcept;
  void take(const model_reply& message) noexcept;
  void take_finished(const model_reply& message) noexcept;
  void take_chunk(std::uint64_t arrival) noexcept;
  void fail_by(const model_reply& message) noexcept;
  void settle(bool is_over) noexcept;
  void settle_failure(bool is_over) noexcept;
  void settle_phases() noexcept;
  [[nodiscard]] bool find_series() noexcept;
  void record_results(const detail::model_series& series) noexcept;
  void record_first_chunk(const detail::model_series& series) const;
  void record_answers(const detail::model_series& series) const;
  void record_tokens(const detail::model_series& series) const;
  void record_usage_counters(const detail::model_series& series) const;
  void record_estimate(const detail::model_series& series) const;
  [[nodiscard]] bool has_priced_usage() const noexcept;
  void settle_cost() noexcept;
  void record_cost(const detail::model_series& series) const;
  void record_headers(const detail::model_series& series) const;
  [[nodiscard]] bool is_missing_usage() const noexcept;

  const model_endpoint& endpoint_;
  short_name<64> operation_;
  short_name<160> asked_;
  short_name<160> answered_;
  short_name<32> tier_;
  short_name<32> asked_tier_;
  operation call_;
  detail::ref<const detail::model_series> series_;
  const budget* budget_ = nullptr;
  sse_parser parser_{stream_format::unknown, largest_event};
  model_reply_reader reader_;
  model_reply message_;
  rate_limit_headers headers_;
  token_usage usage_;
  call_cost cost_;
  outcome failure_;
  std::array<std::uint32_t, finish_reasons> finished_{};
  std::uint64_t finished_choices_ = 0;  // a bit for each of the first ones
  std::chrono::nanoseconds load_time_{};
  phase_times elsewhere_;  // in other phases than those of the answer
  std::size_t input_bytes_ = 0;
  std::size_t output_bytes_ = 0;
  std::uint64_t begin_ = 0;
  std::uint64_t first_chunk_ = 0;  // ticks; 0: none yet
  std::uint64_t last_chunk_ = 0;
  std::uint32_t chunks_ = 0;
  std::uint32_t tool_calls_ = 0;
  std::uint32_t vectors_ = 0;
  int status_ = 0;
  int exceptions_;
  bool is_stream_ = false;
  bool has_answer_ = false;
  bool is_refused_ = false;
  bool is_ended_ = false;
  bool is_finished_ = false;
};

}  // namespace querytap
