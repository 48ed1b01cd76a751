#include <support/child_process.hpp>
#include <support/otlp_decoder.hpp>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace querytap::testing {
namespace {

namespace fs = std::filesystem;

const fs::path modules{QUERYTAP_NODE_MODULES};

void expect(const fs::path& file, std::string_view package) {
  if (fs::exists(file)) return;
  throw std::runtime_error{file.string() + " is missing: install " + std::string{package}};
}

// The output of a program that reads `input`.
std::string through(const std::vector<std::string>& command, std::string_view input) {
  const temporary_folder folder;
  const fs::path file = folder.path() / "input";
  std::ofstream{file, std::ios::binary} << input;
  std::vector<std::string> with_input{"/bin/sh", "-c", R"(file=$1; shift; exec "$@" <"$file")",
                                      "sh", file.string()};
  with_input.insert(with_input.end(), command.begin(), command.end());
  const finished ended = run(with_input);
  if (ended.exit_code != 0) throw std::runtime_error{command.front() + ": " + ended.output};
  return ended.output;
}

struct proto {
  std::string message;
  std::string file;
};

proto proto_of(otlp_signal signal) {
  const std::string package = "opentelemetry.proto.collector.";
  const std::string folder = "opentelemetry/proto/collector/";
  switch (signal) {
    case otlp_signal::logs:
      return {package + "logs.v1.ExportLogsServiceRequest", folder + "logs/v1/logs_service.proto"};
    case otlp_signal::traces:
      return {package + "trace.v1.ExportTraceServiceRequest",
              folder + "trace/v1/trace_service.proto"};
    case otlp_signal::metrics: break;
  }
  return {package + "metrics.v1.ExportMetricsServiceRequest",
          folder + "metrics/v1/metrics_service.proto"};
}

std::string by_javascript(const std::string& command, otlp_signal signal, std::string_view input) {
  expect("/usr/bin/node", "nodejs");
  expect(modules / "@opentelemetry/otlp-transformer", "the packages of tests/node");
  return through({"/usr/bin/node", QUERYTAP_OTLP_DECODER, modules.string(), command,
                  std::string{to_string(signal)}},
                 input);
}

}  // namespace

std::string read_by_protoc(otlp_signal signal, std::string_view protobuf) {
  const fs::path protos = modules / "@opentelemetry/otlp-grpc-exporter-base/build/protos";
  expect("/usr/bin/protoc", "protobuf-compiler");
  expect(protos, "the packages of tests/node");
  const auto [message, file] = proto_of(signal);
  return through({"/usr/bin/protoc", "--decode=" + message, "-I", protos.string(), file}, protobuf);
}

std::string read_by_javascript(otlp_signal signal, std::string_view protobuf) {
  return by_javascript("read", signal, protobuf);
}

std::string protobuf_by_javascript(otlp_signal signal, std::string_view json) {
  return by_javascript("write", signal, json);
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

}  // namespace querytap::testing
