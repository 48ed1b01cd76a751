#include <querytap/testing/capture.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace querytap {
namespace {

recorder_options capture_options(const clock& time, recorder_options options) {
  options.time = &time;
  if (options.service_name.empty()) options.service_name = "test";
  options.slow_request = std::chrono::nanoseconds::zero();
  return options;
}

std::string captured_line(const point& point) {
  std::string line;
  if (point.statement != nullptr) line = fmt::format("\"{}\" ", point.statement->text);
  if (!point.series->labels.empty()) line += to_string(point.series->labels) + ' ';
  return line + (point.histogram != nullptr ? to_string(*point.histogram)
                                            : fmt::format("value={}", point.number));
}

std::string captured_lines(const std::vector<point>& points) {
  std::vector<std::string> lines;
  for (const point& point : points) {
    const bool is_empty = point.histogram != nullptr && point.histogram->count() == 0;
    if (!is_empty) lines.push_back(captured_line(point));
  }
  std::sort(lines.begin(), lines.end());
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace

capture::capture(recorder_options options)
    : recorder_{capture_options(time_, std::move(options))} {}

std::string capture::text(std::string_view instrument_name) {
  return captured_lines(merge_statements(recorder_.collect().find(instrument_name)));
}

std::string capture::text_by_statement(std::string_view instrument_name) {
  return captured_lines(recorder_.collect().find(instrument_name));
}

request_report capture::last_request() {
  const snapshot snapshot = recorder_.collect();
  if (snapshot.requests.empty()) throw std::logic_error{"querytap: no request has ended yet"};
  return *snapshot.requests.front();
}

}  // namespace querytap
