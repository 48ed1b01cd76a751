#pragma once

#include <querytap/runtime/files/json_lines_file.hpp>
#include <querytap/runtime/watch/report_listener.hpp>

namespace querytap {

/// Writes the reports of a query_watch to a file of JSON lines: calls, requests and findings, each as
/// to_json() renders it.
///
///     query_watch watch{recorder, {.listeners = {std::make_shared<report_file>(
///                                      recorder, json_lines_file_options{.path = "slow.jsonl"})}}};
///
/// Threads, Errors and Lifetime as for json_lines_file.
class report_file final : public report_listener {
 public:
  report_file(recorder& recorder, json_lines_file_options options);

  void report(const call_report& call) override;
  void report(const request_report& request) override;
  void report(const finding& finding) override;

  [[nodiscard]] const json_lines_file& file() const noexcept { return file_; }

 private:
  json_lines_file file_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/files.hpp>
#endif
