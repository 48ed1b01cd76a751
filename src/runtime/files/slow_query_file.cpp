#include <querytap/runtime/files/slow_query_file.hpp>

#include <querytap/exporters/json/json.hpp>

#include <utility>

namespace querytap {

slow_query_file::slow_query_file(recorder& to, json_lines_file_options options)
    : file_{to, std::move(options)} {}

void slow_query_file::tell(const slow_query& one) { file_.append(to_json(one)); }
void slow_query_file::tell(const request_report& one) { file_.append(to_json(one)); }
void slow_query_file::tell(const finding& one) { file_.append(to_json(one)); }

}  // namespace querytap
