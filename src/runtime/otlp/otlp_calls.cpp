#include <querytap/runtime/otlp/otlp_calls.hpp>

#include <querytap/exporters/otlp/otlp_events.hpp>
#include <querytap/exporters/otlp/otlp_spans.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>

#include <utility>

namespace querytap {

void otlp_calls::tell(const slow_query& one) { to_.send(to_log_record(one)); }

void otlp_calls::tell(const request_report& one) {
  for (span_record& span : to_spans(one)) to_.send(std::move(span));
}

void otlp_calls::tell(const finding& one) { to_.send(to_log_record(one)); }

}  // namespace querytap
