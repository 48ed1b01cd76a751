#pragma once

#include <querytap/recording/recorder.hpp>
#include <querytap/testing/manual_clock.hpp>

#include <string>
#include <string_view>

namespace querytap {

/// A recorder for tests, with a manual clock, whose measurements can be read as text.
///
///     capture telemetry;
///     telemetry.recorder() …; telemetry.time().advance(30ms);
///     CHECK(telemetry.text("db.client.operation.duration") == "db.system.name=sqlite count=1 …");
///
/// Every request is retained with its ledger, however short it was.
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

  /// As text(), but one line for each statement, which begins with its sanitised text in quotes.
  [[nodiscard]] std::string text_by_statement(std::string_view instrument_name);

  /// The request that ended last. std::logic_error if no request has ended.
  [[nodiscard]] request_report last_request();

 private:
  manual_clock time_;
  querytap::recorder recorder_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/testing.hpp>
#endif
