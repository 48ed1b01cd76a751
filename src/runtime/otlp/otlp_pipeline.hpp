#pragma once

#include "../../decorators/http/retry_policy.hpp"
#include "http_sender.hpp"
#include "otlp_self_metrics.hpp"
#include "otlp_settings.hpp"
#include "otlp_verdict.hpp"

#include <querytap/exporters/otlp/otlp_payload.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace querytap::detail {

/// How many records were lost on their way to the collector, by reason.
///
/// Threads  any number.
class otlp_losses {
 public:
  void add(const std::string& reason, std::uint64_t records);
  [[nodiscard]] std::map<std::string, std::uint64_t> by_reason() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
};

/// Forwards the first text of each kind: kinds are few, where texts come from outside and have no end.
///
/// Threads  any number.
class once_only {
 public:
  explicit once_only(warning_sink sink) : sink_{std::move(sink)} {}
  void operator()(const std::string& kind, const std::string& details = {});

 private:
  std::mutex mutex_;
  std::set<std::string> forwarded_;
  warning_sink sink_;
};

/// What the pipelines of one exporter share.
struct otlp_context {
  using time_point = std::chrono::steady_clock::time_point;

  querytap::recorder& recorder;
  const otlp_settings& settings;
  attributes resource;
  std::uint64_t exporter_number;  ///< unique in the process
  std::function<time_point()> clock;
  std::function<bool(time_point)> pause_until;  ///< false: the drain that pauses must end
  http_sender sender = {};
  otlp_losses losses = {};
  once_only warn;
};

/// Delivers one signal: makes a payload when it is due, and posts it until the delivery is settled.
///
/// Threads  one, except where a signal's pipeline says otherwise.
class otlp_pipeline {
 public:
  using time_point = otlp_context::time_point;

  otlp_pipeline(otlp_signal signal, otlp_context& context);
  virtual ~otlp_pipeline() = default;
  otlp_pipeline(const otlp_pipeline&) = delete;
  otlp_pipeline& operator=(const otlp_pipeline&) = delete;

  /// When step() has something to do.
  [[nodiscard]] time_point next() const;
  /// Begins a delivery if one is due, and posts once.
  void step();
  /// Delivers all that there is, until the deadline; false if records are left or lost. The last drain
  /// counts what is left as lost, and does not wait for a collector that cannot be reached.
  bool drain(time_point deadline, bool is_last);

 protected:
  [[nodiscard]] otlp_context& context() const noexcept { return context_; }
  [[nodiscard]] const otlp_route& route() const { return context_.settings.route(signal_); }
  [[nodiscard]] const otlp_self_metrics& metrics() const noexcept { return metrics_; }
  [[nodiscard]] otlp_signal signal() const noexcept { return signal_; }
  void lose(std::uint64_t records, const std::string& reason);

 private:
  /// When there is something to make a payload of.
  [[nodiscard]] virtual time_point due() const = 0;
  /// The next payload, as protobuf; without records if there turns out to be nothing to send.
  [[nodiscard]] virtual otlp_payload make() = 0;
  /// What it means if the collector receives a payload twice.
  [[nodiscard]] virtual repetition repeated() const = 0;
  /// How the delivery of the last payload ended. True if a payload that was not accepted has lost its
  /// records; false if they are going to be in a later payload.
  virtual bool settled(const otlp_verdict& verdict) = 0;
  /// Makes all that there is due now.
  virtual void hurry() = 0;
  [[nodiscard]] virtual bool has_more() const = 0;
  /// Discards all that there is.
  virtual void abandon() = 0;

  /// One payload with all its posts.
  struct delivery {
    std::string payload;
    std::size_t records;
    time_point begun;
    time_point give_up_at;
    time_point next_try;
    int tries = 0;
  };

  void begin();
  void try_once();
  [[nodiscard]] bool may_try_again(const otlp_verdict& verdict);
  void settle(const otlp_verdict& verdict);
  void warn_about(const otlp_verdict& verdict);
  void abandon_all();

  const otlp_signal signal_;
  otlp_context& context_;
  otlp_self_metrics metrics_;
  backoff backoff_;
  std::optional<delivery> delivery_;
  time_point not_before_ = time_point::min();   // what the collector asked for
  time_point drain_limit_ = time_point::max();  // of the deliveries that begin during a drain
  bool is_last_drain_ = false;
  bool has_lost_records_ = false;  // during the drain
  bool is_stuck_ = false;          // the collector could not take the last payload
};

}  // namespace querytap::detail
