// Compiled out, requests are sent, tried again and observed as before, and nothing is recorded.

#include <querytap/calls/http_call.hpp>
#include <querytap/decorators/http.hpp>
#include <querytap/decorators/http/observation.hpp>
#include <querytap/recording/recorder.hpp>
#include <support/fault_server.hpp>

#include <cstdio>
#include <string>

namespace {

using namespace querytap;
using querytap::testing::fault_server;
using querytap::testing::reply;

int failures = 0;

void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "compiled out, and no longer true: %s\n", promise);
  ++failures;
}

void check_client(recorder& recorder) {
  fault_server server{{reply(503), reply(200, {}, "sun"), reply(404), reply(200, {}, "parts")}};
  const http::client weather{
      recorder, server.url(), {.transport = {.first_backoff = std::chrono::milliseconds{1}}}};
  const http::response forecast = weather.get("/cities/{city}", {.path = {"Bad Ems"}});
  expect(forecast.body == "sun" && forecast.retries == 1, "a request is tried again and answered");
  expect(server.requests()[1].path == "/cities/Bad%20Ems", "templates are filled");
  expect(weather.get("/nowhere").failure().error_type() == "404", "a failure is told");
  std::string body;
  const http::response streamed =
      weather.send("/parts", {}, http::request{.method = "POST"}, [&](std::string_view part) {
        body += part;
        return true;
      });
  expect(streamed.ok() && body == "parts", "a sink gets the body");
}

void check_observation(recorder& recorder) {
  fault_server server{{reply(200, {}, "sun")}};
  const http::service service{recorder, server.url()};
  CURL* const easy = curl_easy_init();
  const std::string url = server.url();
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  http::observation call{service, easy, "HEAD", "/"};
  const CURLcode result = curl_easy_perform(easy);
  call.ended(result);
  expect(result == CURLE_OK, "a handle of the application's own works");
  curl_easy_cleanup(easy);
}

}  // namespace

int main() {
  recorder recorder{{.service_name = "test"}};
  check_client(recorder);
  check_observation(recorder);
  expect(!recorder.enabled() && recorder.collect().metrics.empty(), "nothing is recorded");
  return failures == 0 ? 0 : 1;
}
