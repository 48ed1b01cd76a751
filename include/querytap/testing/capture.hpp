#pragma once

#include <querytap/recording/recorder.hpp>
#include <querytap/testing/manual_clock.hpp>

#include <string>
#include <string_view>

namespace querytap {

/// A recorder for tests, with a clock that stands still, whose measurements read as text.
///
///     capture telemetry;
///     telemetry.recorder() …; telemetry.time().advance(30ms);
///     CHECK(telemetry.text("db.client.operation.duration") == "db.system.name=sqlite count=1 …");
///
/// Every request is kept with its ledger, however short it was.
///
/// Threads  any number may record; text() and last_request() collect.
class capture {
 public:
  explicit capture(recorder_options options = {});

  [[nodiscard]] querytap::recorder& recorder() noexcept { return recorder_; }
  [[nodiscard]] manual_clock& time() noexcept { return time_; }

  /// One line for each exported series of an instrument, in the order of their text: its
  /// attributes, then `count=… sum=… (low,high]=…` of a histogram or `value=…` of anything else.
  [[nodiscard]] std::string text(std::string_view instrument_name);

  /// The same, one line for each statement, begun by its sanitised text in quotes.
  [[nodiscard]] std::string text_by_statement(std::string_view instrument_name);

  /// The request that ended last. std::logic_error if none did.
  [[nodiscard]] request_report last_request();

 private:
  manual_clock time_;
  querytap::recorder recorder_;
};

}  // namespace querytap
