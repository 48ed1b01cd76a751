#include "otlp_pipeline.hpp"

#include "../../base/call_guarded.hpp"
#include "../common/gzip_compressor.hpp"

#include <querytap/exporters/otlp/otlp_json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

namespace querytap::detail {
namespace {

// OTLP does not allow a client to send more.
constexpr std::size_t largest_payload = std::size_t{64} << 20;

std::string_view content_type_of(otlp_encoding encoding) {
  return encoding == otlp_encoding::json ? "application/json" : "application/x-protobuf";
}

std::string gzipped(std::string_view payload) {
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

void once_only::operator()(const std::string& kind, const std::string& details) {
  {
    const std::lock_guard lock{mutex_};
    if (!forwarded_.insert(kind).second) return;
  }
  call_guarded([&] { sink_(kind + details); });  // the application's own
}

otlp_pipeline::otlp_pipeline(otlp_signal signal, otlp_context& context)
    : signal_{signal},
      context_{context},
      metrics_{context.recorder, signal, route().encoding, context.exporter_number, route().queue},
      backoff_{std::random_device{}()} {}

otlp_pipeline::time_point otlp_pipeline::next() const {
  return delivery_ ? delivery_->next_try : std::max(due(), not_before_);
}

void otlp_pipeline::step() {
  if (context_.clock() < next()) return;
  if (!delivery_) begin();
  if (delivery_) try_once();
}

void otlp_pipeline::begin() {
  otlp_payload made = make();
  if (made.records == 0) {
    settled({});
    return;
  }
  const time_point time = context_.clock();
  const auto timeout = route().timeout;
  const time_point give_up_at = timeout.count() == 0 ? time_point::max() : time + timeout;
  std::string payload = route().encoding == otlp_encoding::json ? otlp_json(signal_, made.body)
                                                                : std::move(made.body);
  const bool fits = payload.size() <= largest_payload;
  if (route().gzip) payload = gzipped(payload);
  delivery_ =
      delivery{std::move(payload), made.records, time, std::min(give_up_at, drain_limit_), time};
  metrics_.begin(made.records);
  if (!fits) settle({otlp_verdict::end::refused, "request_too_large"});
}

void otlp_pipeline::try_once() {
  const time_point time = context_.clock();
  ++delivery_->tries;
  const http_reply reply =
      context_.sender.post(route().target, content_type_of(route().encoding), route().gzip,
                           delivery_->payload, delivery_->give_up_at - time, repeated());
  const otlp_verdict verdict = judge(reply, repeated());
  if (!may_try_again(verdict)) settle(verdict);
}

// Sets the time of the next try, if there is to be one.
bool otlp_pipeline::may_try_again(const otlp_verdict& verdict) {
  if (verdict.how != otlp_verdict::end::not_now) return false;
  if (is_last_drain_ && verdict.error_type == "not_connected") return false;
  const auto asked = parse_retry_after(verdict.retry_after, std::chrono::system_clock::now());
  const time_point time = context_.clock();
  if (asked) not_before_ = time + *asked;
  // Not sooner than by itself either: a collector that asks for 0 seconds may be overloaded.
  const time_point next_try = std::max(not_before_, time + backoff_.wait_after(delivery_->tries));
  delivery_->next_try = next_try;
  return next_try < delivery_->give_up_at;
}

void otlp_pipeline::settle(const otlp_verdict& verdict) {
  const delivery ended = *std::exchange(delivery_, std::nullopt);
  metrics_.end(ended.records, context_.clock() - ended.begun, verdict);
  warn_about(verdict);
  is_stuck_ = verdict.how == otlp_verdict::end::not_now;
  const bool is_lost = settled(verdict);
  if (verdict.how == otlp_verdict::end::accepted) {
    const std::uint64_t rejected = std::min<std::uint64_t>(verdict.rejected, ended.records);
    metrics_.exported(ended.records - rejected, "");
    lose(rejected, "rejected");
  } else if (verdict.how == otlp_verdict::end::refused || is_lost) {
    lose(ended.records, verdict.error_type);
  }
}

void otlp_pipeline::lose(std::uint64_t records, const std::string& reason) {
  has_lost_records_ = has_lost_records_ || records != 0;
  metrics_.exported(records, reason);
  context_.losses.add(reason, records);
}

void otlp_pipeline::warn_about(const otlp_verdict& verdict) {
  const bool is_accepted = verdict.how == otlp_verdict::end::accepted;
  if (is_accepted && verdict.rejected == 0 && verdict.message.empty()) return;
  std::string kind = fmt::format("OTLP {}: ", to_string(signal_));
  if (!is_accepted) {
    kind += verdict.error_type;
  } else {
    kind += verdict.rejected == 0 ? "the collector warns" : "the collector rejected a part";
  }
  context_.warn(kind, verdict.message.empty() ? "" : ": " + verdict.message);
}

bool otlp_pipeline::drain(time_point deadline, bool is_last) {
  drain_limit_ = deadline;
  is_last_drain_ = is_last;
  has_lost_records_ = is_stuck_ = false;
  if (delivery_ && is_last) delivery_->give_up_at = std::min(delivery_->give_up_at, deadline);
  hurry();
  while (context_.clock() < deadline && (delivery_ || has_more()) && !(is_last && is_stuck_)) {
    if (!context_.pause_until(std::min(next(), deadline))) break;
    step();
  }
  drain_limit_ = time_point::max();
  const bool has_records_left = delivery_ || has_more();
  if (is_last) abandon_all();
  return !has_records_left && !has_lost_records_;
}

void otlp_pipeline::abandon_all() {
  if (delivery_) settle({otlp_verdict::end::refused, "shutdown"});
  abandon();
}

}  // namespace querytap::detail
