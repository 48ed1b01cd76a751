#include <querytap/runtime/otlp/otlp_reports.hpp>

#include <querytap/exporters/otlp/otlp_events.hpp>
#include <querytap/exporters/otlp/otlp_spans.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>

#include <utility>

namespace querytap {

void otlp_reports::report(const call_report& one) { to_.send(to_log_record(one)); }

void otlp_reports::report(const request_report& one) {
  for (span_record& span : to_spans(one)) to_.send(std::move(span));
}

void otlp_reports::report(const finding& one) { to_.send(to_log_record(one)); }

}  // namespace querytap
