#pragma once

#include "http_sender.hpp"
#include "otlp_self_metrics.hpp"
#include "otlp_settings.hpp"
#include "otlp_verdict.hpp"
#include "retry_policy.hpp"

#include <querytap/exporters/otlp/otlp_payload.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace querytap::detail {

/// What never arrived, by reason.
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

/// Passes each text on once.
///
/// Threads  any number.
class once_only {
 public:
  explicit once_only(warning_sink to) : to_{std::move(to)} {}
  void operator()(const std::string& text);

 private:
  std::mutex mutex_;
  std::set<std::string> told_;
  warning_sink to_;
};

/// What the signals of one exporter share.
struct otlp_surroundings {
  using time_point = std::chrono::steady_clock::time_point;

  recorder& from;
  const otlp_settings& settings;
  attributes resource;
  std::uint64_t number;  ///< of the exporter, among those of the process
  std::function<time_point()> now;
  std::function<bool(time_point)> pause_until;  ///< false: go no further
  http_sender sender = {};
  otlp_losses losses = {};
  once_only warn;
};

/// One signal's way out: makes a request when it is due, and tries it until it is settled.
///
/// Threads  one, but for what a signal says otherwise.
class otlp_pipeline {
 public:
  using time_point = otlp_surroundings::time_point;

  otlp_pipeline(otlp_signal signal, otlp_surroundings& around);
  virtual ~otlp_pipeline() = default;
  otlp_pipeline(const otlp_pipeline&) = delete;
  otlp_pipeline& operator=(const otlp_pipeline&) = delete;

  /// When step() has something to do.
  [[nodiscard]] time_point next() const;
  /// Makes a request if one is due, and tries it once.
  void step();
  /// Sends all that there is, as far as it goes until then; false if something is left or lost.
  /// The last time, what is left then is lost, and a collector that is not there is not waited for.
  bool drain(time_point limit, bool last);

 protected:
  [[nodiscard]] otlp_surroundings& around() const noexcept { return around_; }
  [[nodiscard]] const otlp_route& route() const { return around_.settings.route(signal_); }
  [[nodiscard]] const otlp_self_metrics& metrics() const noexcept { return metrics_; }
  [[nodiscard]] otlp_signal signal() const noexcept { return signal_; }
  void lose(std::uint64_t records, const std::string& reason);

 private:
  /// When there is something to make a request of.
  [[nodiscard]] virtual time_point due() const = 0;
  /// The next request, as protobuf; empty if there turns out to be nothing to tell.
  [[nodiscard]] virtual otlp_payload make() = 0;
  /// How the last one that was made ended. True if the records of one that was not taken are lost
  /// by that; they are not if they are going to be in a later request.
  virtual bool settled(const otlp_verdict& how) = 0;
  /// Whatever there is becomes due.
  virtual void hurry() = 0;
  [[nodiscard]] virtual bool has_more() const = 0;
  /// What is left is not going to be sent.
  virtual void abandon() = 0;

  struct operation {
    std::string payload;
    std::size_t records;
    time_point begun;
    time_point give_up_at;
    time_point next_try;
    int tries = 0;
  };

  void begin();
  void try_once();
  [[nodiscard]] bool may_wait_for(const otlp_verdict& verdict);
  void settle(const otlp_verdict& verdict);
  void complain(const otlp_verdict& verdict);
  void abandon_all();

  const otlp_signal signal_;
  otlp_surroundings& around_;
  otlp_self_metrics metrics_;
  backoff backoff_;
  std::optional<operation> operation_;
  time_point not_before_ = time_point::min();  // the collector asked for it
  time_point limit_ = time_point::max();       // of the operations to come
  bool last_ = false;
  bool lost_something_ = false;
  bool stuck_ = false;  // the collector could not take the last one
};

}  // namespace querytap::detail
