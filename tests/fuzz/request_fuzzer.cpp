// Any path, query and headers get a response with an HTTP status, and only a request with the
// secret is accepted.

#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/pages/pages.hpp>

#include <runtime/endpoint/access_rules.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace querytap;

namespace {

void require(bool right) {
  if (!right) std::abort();
}

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static recorder recorder{{.service_name = "fuzzed"}};
  static pages pages{recorder, {.process_metrics = false}};
  static const detail::access_rules rules{{"10.0.0.0/8"}, "s3cr3t", "user", "password"};
  static page_response reply;

  std::string_view rest{reinterpret_cast<const char*>(data), size};
  const std::string_view path = take_line(rest);
  const std::string_view accept = take_line(rest);
  const std::string_view encoding = take_line(rest);
  pages.respond({.method = "GET",
                 .path = path,
                 .accept = accept,
                 .accept_encoding = encoding,
                 .trusted = true},
                reply);
  require(reply.status == 200 || reply.status == 404);
  require(reply.content_encoding.empty() || reply.content_encoding == "gzip");
  if (rules.accepts(rest)) {
    require(rest.ends_with(" s3cr3t") || rest.ends_with(" dXNlcjpwYXNzd29yZA=="));
  }
  return 0;
}
