// Log records and spans leave as OTLP with all their content: the decoders of other projects read
// it back.

#include <querytap/exporters/otlp/otlp_json.hpp>
#include <querytap/exporters/otlp/otlp_records.hpp>

#include <support/otlp_decoder.hpp>
#include <unit/exporters/otlp/time_at.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace querytap::testing;

namespace {

const attributes chatbot{{"service.name", "chatbot"}};
const trace_context trace =
    *trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

const log_record slow{.event_name = "querytap.operation.slow",
                      .time = time_at(7),
                      .observed = time_at(8),
                      .severity = severity::warning,
                      .body = "select ?",
                      .attributes = {{"db.system.name", "sqlite"}, {"querytap.rows", 3}},
                      .trace = trace};

const span_record call{.self = trace,
                       .parent = {1, 2, 3, 4, 5, 6, 7, 8},
                       .parent_is_remote = true,
                       .trace_state = "vendor=1",
                       .name = "SELECT documents",
                       .kind = span_kind::client,
                       .start = time_at(5),
                       .end = time_at(9),
                       .attributes = {{"db.system.name", "sqlite"}},
                       .events = {{"retry", time_at(6), {{"attempt", 2}}}},
                       .status = span_status::error,
                       .status_message = "locked"};

std::string log_text(const log_record& record, const otlp_limits& limits = {}) {
  const std::string text = read_by_protoc(
      otlp_signal::logs, render_otlp_logs(chatbot, std::span{&record, 1}, limits).body);
  return text.substr(text.find("    log_records {"));
}

std::string span_text(const span_record& record, const otlp_limits& limits = {}) {
  const std::string text = read_by_protoc(
      otlp_signal::traces, render_otlp_spans(chatbot, std::span{&record, 1}, limits).body);
  return text.substr(text.find("    spans {"));
}

}  // namespace

TEST_CASE("a log record leaves with its times, its severity, its event and its trace") {
  // The official files in use here are older than the name of an event, field 12.
  CHECK(log_text(slow) == R"(    log_records {
      time_unix_nano: 7
      severity_number: SEVERITY_NUMBER_WARN
      severity_text: "WARN"
      body {
        string_value: "select ?"
      }
      attributes {
        key: "db.system.name"
        value {
          string_value: "sqlite"
        }
      }
      attributes {
        key: "querytap.rows"
        value {
          int_value: 3
        }
      }
      flags: 1
      trace_id: "K\371/5w\263M\246\243\316\222\235\016\016G6"
      span_id: "\000\360g\252\013\251\002\267"
      observed_time_unix_nano: 8
      12: "querytap.operation.slow"
    }
  }
}
)");
}

TEST_CASE("a log record of little leaves as little") {
  CHECK(log_text({.time = time_at(7)}) == R"(    log_records {
      time_unix_nano: 7
      severity_number: SEVERITY_NUMBER_INFO
      severity_text: "INFO"
      observed_time_unix_nano: 7
    }
  }
}
)");
}

TEST_CASE("a span leaves with its place in the trace, its events and its status") {
  // The official files in use here are older than the flags, field 16: 1 for sampled, 0x100 and
  // 0x200 for a parent that is elsewhere.
  CHECK(span_text(call) == R"(    spans {
      trace_id: "K\371/5w\263M\246\243\316\222\235\016\016G6"
      span_id: "\000\360g\252\013\251\002\267"
      trace_state: "vendor=1"
      parent_span_id: "\001\002\003\004\005\006\007\010"
      name: "SELECT documents"
      kind: SPAN_KIND_CLIENT
      start_time_unix_nano: 5
      end_time_unix_nano: 9
      attributes {
        key: "db.system.name"
        value {
          string_value: "sqlite"
        }
      }
      events {
        time_unix_nano: 6
        name: "retry"
        attributes {
          key: "attempt"
          value {
            int_value: 2
          }
        }
      }
      status {
        message: "locked"
        code: STATUS_CODE_ERROR
      }
      16: 0x00000301
    }
  }
}
)");
}

TEST_CASE("a span without parent and error leaves without both") {
  const std::string text =
      span_text({.self = trace, .name = "a", .start = time_at(5), .end = time_at(4)});
  CHECK(text.find("parent_span_id") == std::string::npos);
  CHECK(text.find("status") == std::string::npos);
  CHECK(text.find("kind: SPAN_KIND_INTERNAL") != std::string::npos);
  CHECK(text.find("end_time_unix_nano: 5\n") != std::string::npos);
  CHECK(text.find("16: 0x00000101") != std::string::npos);
}

TEST_CASE("the description of a status is for errors alone") {
  const std::string text =
      span_text({.self = trace, .status = span_status::ok, .status_message = "no"});
  CHECK(text.find("code: STATUS_CODE_OK") != std::string::npos);
  CHECK(text.find("message") == std::string::npos);
}

TEST_CASE("attributes past a limit are cut, counted, and never cut within a character") {
  const otlp_limits limits{.attribute_count = 2, .attribute_length = 4};
  const attributes many{{"a", "12345"}, {"b", "123\xC3\xA4"}, {"c", "3"}, {"d", "4"}};
  const std::string log = log_text({.attributes = many}, limits);
  CHECK(log.find("string_value: \"1234\"") != std::string::npos);
  CHECK(log.find("string_value: \"123\"") != std::string::npos);
  CHECK(log.find("key: \"c\"") == std::string::npos);
  CHECK(log.find("dropped_attributes_count: 2") != std::string::npos);
  const std::string span = span_text(
      {.self = trace, .attributes = many, .events = {{.name = "e", .attributes = many}}}, limits);
  CHECK(span.find("dropped_attributes_count: 2\n      events") != std::string::npos);
  CHECK(span.find("        dropped_attributes_count: 2") != std::string::npos);
}

TEST_CASE("a span without a trace is left out, and nothing makes no request") {
  const std::vector<span_record> spans{{.name = "no ids"}, call};
  CHECK(render_otlp_spans(chatbot, spans).records == 1);
  CHECK(render_otlp_spans(chatbot, std::span{spans}.first(1)).body == "");
  CHECK(render_otlp_logs(chatbot, {}).body == "");
}

TEST_CASE("text of any bytes leaves as valid text") {
  CHECK(log_text({.body = "a\xFFz"}).find(R"(string_value: "a\357\277\275z")") !=
        std::string::npos);
}

TEST_CASE("the decoder of OpenTelemetry JS reads the same, the newer fields too") {
  CHECK(
      read_by_javascript(otlp_signal::logs, render_otlp_logs(chatbot, std::span{&slow, 1}).body) ==
      R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{)"
      R"("stringValue":"chatbot"}}]},"scopeLogs":[{"scope":{"name":"querytap","version":")" +
          std::string{version} +
          R"("},"logRecords":[{"timeUnixNano":"7","severityNumber":13,"severityText":"WARN",)"
          R"("body":{"stringValue":"select ?"},"attributes":[{"key":"db.system.name","value":{)"
          R"("stringValue":"sqlite"}},{"key":"querytap.rows","value":{"intValue":"3"}}],)"
          R"("flags":1,"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":)"
          R"("00f067aa0ba902b7","observedTimeUnixNano":"8","eventName":)"
          R"("querytap.operation.slow"}]}]}]})");
}

TEST_CASE("JSON says what the protobuf says, of log records and spans too") {
  const std::string logs = render_otlp_logs(chatbot, std::span{&slow, 1}).body;
  const std::string spans = render_otlp_spans(chatbot, std::span{&call, 1}).body;
  CHECK(read_by_javascript(
            otlp_signal::logs,
            protobuf_by_javascript(otlp_signal::logs, otlp_json(otlp_signal::logs, logs))) ==
        read_by_javascript(otlp_signal::logs, logs));
  CHECK(read_by_javascript(
            otlp_signal::traces,
            protobuf_by_javascript(otlp_signal::traces, otlp_json(otlp_signal::traces, spans))) ==
        read_by_javascript(otlp_signal::traces, spans));
}
