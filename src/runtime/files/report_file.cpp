#include <querytap/runtime/files/report_file.hpp>

#include <querytap/exporters/json/json.hpp>

#include <utility>

namespace querytap {

report_file::report_file(recorder& to, json_lines_file_options options)
    : file_{to, std::move(options)} {}

void report_file::report(const call_report& one) { file_.append(to_json(one)); }
void report_file::report(const request_report& one) { file_.append(to_json(one)); }
void report_file::report(const finding& one) { file_.append(to_json(one)); }

}  // namespace querytap
