#pragma once

#include <querytap/snapshot/snapshot.hpp>
#include <querytap/testing/capture.hpp>
#include <support/conformance/client.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace querytap::testing::conformance {

/// The attributes of an instrument's series without those that all calls of the client share, and
/// what was recorded into them, one line each.
template <client Client>
[[nodiscard]] std::string without_shared_labels(std::string text) {
  for (const attribute& label : Client::labels()) {
    text = without(std::move(text), to_string(attributes{label}) + ' ');
  }
  return text;
}

/// Which calls a recorder has counted, how they ended and how often: without times, for any clock.
template <client Client>
[[nodiscard]] std::string counted_calls(recorder& recorder) {
  std::vector<std::string> lines;
  for (const point& point :
       merge_statements(recorder.collect().find("db.client.operation.duration"))) {
    if (point.histogram->count() == 0) continue;
    lines.push_back(to_string(point.series->labels) +
                    " count=" + std::to_string(point.histogram->count()));
  }
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return without_shared_labels<Client>(std::move(text));
}

[[nodiscard]] inline attributes labels_of(const ending& ending) {
  attributes labels = ending.call;
  labels.set({"error.type", ending.error_type});
  if (!ending.status_code.empty()) labels.set({"db.response.status_code", ending.status_code});
  return labels;
}

/// The report of the last call that was reported for this reason.
[[nodiscard]] inline call_report last_report(recorder& recorder, report_reason reason) {
  for (const auto& report : recorder.collect().call_reports) {
    if (report->reason == reason) return *report;
  }
  FAIL("no call is reported as " << to_string(reason));
  return {};
}

/// A service with one connection, on a manual clock.
template <client Client>
struct service {
  explicit service(const client_options& options = {}, recorder_options recording = {})
      : telemetry{std::move(recording)}, client{telemetry.recorder(), options} {}

  void read(const way<Client>& way, int rows, std::function<void()> during = {},
            code_location site = code_location::current()) {
    if (during) client.run_during_next_read(std::move(during));
    (client.*way.read)(rows, site);
  }
  /// A read that takes so long by the manual clock.
  void read_for(std::chrono::nanoseconds duration, const way<Client>& way, int rows,
                code_location site = code_location::current()) {
    read(
        way, rows, [&] { telemetry.time().advance(duration); }, site);
  }

  [[nodiscard]] std::string operations() { return metric("db.client.operation.duration"); }
  [[nodiscard]] std::string returned_rows() { return metric("db.client.response.returned_rows"); }
  [[nodiscard]] std::string calls() { return counted_calls<Client>(telemetry.recorder()); }
  [[nodiscard]] std::string metric(std::string_view instrument) {
    return without_shared_labels<Client>(telemetry.text(instrument));
  }
  [[nodiscard]] call_report report(report_reason reason) {
    return last_report(telemetry.recorder(), reason);
  }

  capture telemetry;
  Client client;
};

[[nodiscard]] inline std::string line(const attributes& labels, std::string_view values) {
  return to_string(labels) + ' ' + std::string{values};
}

template <client Client>
[[nodiscard]] std::string system_label() {
  return to_string(attributes{{"db.system.name", *Client::labels().find("db.system.name")}});
}

/// Runs `check` for each way to make the call.
template <client Client, class Check>
void in_each_way(Check check) {
  for (const way<Client>& way : Client::ways()) {
    INFO("by " << way.name);
    check(way);
  }
}

[[nodiscard]] inline bool is_site(const call_site& site, code_location expected) {
  return site.file == expected.file_name() && site.line == expected.line();
}

}  // namespace querytap::testing::conformance
