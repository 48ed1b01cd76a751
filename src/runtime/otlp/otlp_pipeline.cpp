#include "otlp_pipeline.hpp"

#include "../common/gzip_compressor.hpp"

#include <querytap/exporters/otlp/otlp_json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

namespace querytap::detail {
namespace {

using end = otlp_verdict::end;

// OTLP: a client must not send more.
constexpr std::size_t largest_request = std::size_t{64} << 20;

std::string_view content_type(otlp_encoding encoding) {
  return encoding == otlp_encoding::json ? "application/json" : "application/x-protobuf";
}

std::string packed(std::string_view payload) {
  std::string result;
  gzip_compressor{}.compress(payload, result);
  return result;
}

}  // namespace

void otlp_losses::add(const std::string& reason, std::uint64_t records) {
  if (records == 0) return;
  const std::lock_guard lock{mutex_};
  counts_[reason] += records;
}

std::map<std::string, std::uint64_t> otlp_losses::by_reason() const {
  const std::lock_guard lock{mutex_};
  return counts_;
}

void once_only::operator()(const std::string& text) {
  {
    const std::lock_guard lock{mutex_};
    if (!told_.insert(text).second) return;
  }
  to_(text);
}

otlp_pipeline::otlp_pipeline(otlp_signal signal, otlp_surroundings& around)
    : signal_{signal},
      around_{around},
      metrics_{around.from, signal, route().encoding, around.number, route().queue},
      backoff_{std::random_device{}()} {}

otlp_pipeline::time_point otlp_pipeline::next() const {
  return operation_ ? operation_->next_try : std::max(due(), not_before_);
}

void otlp_pipeline::step() {
  if (around_.now() < next()) return;
  if (!operation_) begin();
  if (operation_) try_once();
}

void otlp_pipeline::begin() {
  otlp_payload request = make();
  if (request.records == 0) {
    settled({});
    return;
  }
  const time_point now = around_.now();
  const auto timeout = route().timeout;
  const time_point give_up_at = timeout.count() == 0 ? time_point::max() : now + timeout;
  std::string payload = route().encoding == otlp_encoding::json ? otlp_json(signal_, request.body)
                                                                : std::move(request.body);
  const bool fits = payload.size() <= largest_request;
  if (route().gzip) payload = packed(payload);
  operation_ =
      operation{std::move(payload), request.records, now, std::min(give_up_at, limit_), now};
  metrics_.begin(request.records);
  if (!fits) settle({end::refused, "request_too_large"});
}

void otlp_pipeline::try_once() {
  const time_point now = around_.now();
  ++operation_->tries;
  const otlp_verdict verdict =
      judge(around_.sender.post(route().target, content_type(route().encoding), route().gzip,
                                operation_->payload, operation_->give_up_at - now));
  if (!may_wait_for(verdict)) settle(verdict);
}

// Sets the time of the next try, if there is to be one.
bool otlp_pipeline::may_wait_for(const otlp_verdict& verdict) {
  if (verdict.how != end::not_now) return false;
  if (last_ && verdict.error_type == "not_connected") return false;
  const auto asked = parse_retry_after(verdict.retry_after, std::chrono::system_clock::now());
  const time_point now = around_.now();
  if (asked) not_before_ = now + *asked;
  const time_point again = asked ? not_before_ : now + backoff_.wait_after(operation_->tries);
  operation_->next_try = again;
  return again < operation_->give_up_at;
}

void otlp_pipeline::settle(const otlp_verdict& verdict) {
  const operation ended = *std::exchange(operation_, std::nullopt);
  metrics_.end(ended.records, around_.now() - ended.begun, verdict);
  complain(verdict);
  stuck_ = verdict.how == end::not_now;
  const bool is_lost = settled(verdict);
  if (verdict.how == end::accepted) {
    const std::uint64_t rejected = std::min<std::uint64_t>(verdict.rejected, ended.records);
    metrics_.exported(ended.records - rejected, "");
    lose(rejected, "rejected");
  } else if (verdict.how == end::refused || is_lost) {
    lose(ended.records, verdict.error_type);
  }
}

void otlp_pipeline::lose(std::uint64_t records, const std::string& reason) {
  lost_something_ = lost_something_ || records != 0;
  metrics_.exported(records, reason);
  around_.losses.add(reason, records);
}

void otlp_pipeline::complain(const otlp_verdict& verdict) {
  const bool all_is_well =
      verdict.how == end::accepted && verdict.rejected == 0 && verdict.message.empty();
  if (all_is_well) return;
  std::string text = fmt::format("OTLP {}: ", to_string(signal_));
  if (verdict.how != end::accepted) {
    text += verdict.error_type;
  } else {
    text += verdict.rejected == 0 ? "the collector warns" : "the collector rejected a part";
  }
  if (!verdict.message.empty()) text += ": " + verdict.message;
  around_.warn(text);
}

bool otlp_pipeline::drain(time_point limit, bool last) {
  limit_ = limit;
  last_ = last;
  lost_something_ = stuck_ = false;
  if (operation_ && last) operation_->give_up_at = std::min(operation_->give_up_at, limit);
  hurry();
  while (around_.now() < limit && (operation_ || has_more()) && !(last && stuck_)) {
    if (!around_.pause_until(std::min(next(), limit))) break;
    step();
  }
  limit_ = time_point::max();
  const bool left = operation_ || has_more();
  if (last) abandon_all();
  return !left && !lost_something_;
}

void otlp_pipeline::abandon_all() {
  if (operation_) settle({end::refused, "shutdown"});
  abandon();
}

}  // namespace querytap::detail
