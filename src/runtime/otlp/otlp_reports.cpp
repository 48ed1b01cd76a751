#include <querytap/runtime/otlp/otlp_reports.hpp>

#include <querytap/exporters/otlp/otlp_events.hpp>
#include <querytap/exporters/otlp/otlp_spans.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>

#include <utility>

namespace querytap {

void otlp_reports::report(const call_report& call) { exporter_.send(to_log_record(call)); }

void otlp_reports::report(const request_report& request) {
  for (span_record& span : to_spans(request)) exporter_.send(std::move(span));
}

void otlp_reports::report(const finding& finding) { exporter_.send(to_log_record(finding)); }

}  // namespace querytap
