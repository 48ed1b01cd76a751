#include <querytap/testing/capture.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace querytap {
namespace {

recorder_options on(const clock& time, recorder_options options) {
  options.time = &time;
  if (options.service_name.empty()) options.service_name = "test";
  options.slow_request = std::chrono::nanoseconds::zero();
  return options;
}

std::string line_of(const point& p) {
  std::string line;
  if (p.statement != nullptr) line = fmt::format("\"{}\" ", p.statement->text);
  if (!p.series->labels.empty()) line += to_string(p.series->labels) + ' ';
  return line +
         (p.histogram != nullptr ? to_string(*p.histogram) : fmt::format("value={}", p.number));
}

std::string lines_of(const std::vector<point>& points) {
  std::vector<std::string> lines;
  for (const point& p : points) {
    if (p.histogram == nullptr || p.histogram->count() != 0) lines.push_back(line_of(p));
  }
  std::sort(lines.begin(), lines.end());
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace

capture::capture(recorder_options options) : recorder_{on(time_, std::move(options))} {}

std::string capture::text(std::string_view instrument_name) {
  return lines_of(merge_statements(recorder_.collect().find(instrument_name)));
}

std::string capture::text_by_statement(std::string_view instrument_name) {
  return lines_of(recorder_.collect().find(instrument_name));
}

request_report capture::last_request() {
  const snapshot now = recorder_.collect();
  if (now.requests.empty()) throw std::logic_error{"querytap: no request has ended yet"};
  return *now.requests.front();
}

}  // namespace querytap
