#include <querytap/runtime/files/report_file.hpp>

#include <querytap/exporters/json/json.hpp>

#include <utility>

namespace querytap {

report_file::report_file(recorder& recorder, json_lines_file_options options)
    : file_{recorder, std::move(options)} {}

void report_file::report(const call_report& call) { file_.append(to_json(call)); }
void report_file::report(const request_report& request) { file_.append(to_json(request)); }
void report_file::report(const finding& finding) { file_.append(to_json(finding)); }

}  // namespace querytap
