#pragma once

#include <querytap/runtime/files/json_lines_file.hpp>
#include <querytap/runtime/watch/report_listener.hpp>

namespace querytap {

/// Writes what a query_watch tells to a file of JSON lines: slow queries, requests and findings, each
/// as to_json() has it.
///
///     query_watch watch{recorder, {.listeners = {std::make_shared<report_file>(
///                                      recorder, json_lines_file_options{.path = "slow.jsonl"})}}};
///
/// Threads, Errors and Lifetime as for json_lines_file.
class report_file final : public report_listener {
 public:
  report_file(recorder& to, json_lines_file_options options);

  void report(const call_report& one) override;
  void report(const request_report& one) override;
  void report(const finding& one) override;

  [[nodiscard]] const json_lines_file& file() const noexcept { return file_; }

 private:
  json_lines_file file_;
};

}  // namespace querytap
