// The endpoint of a parent serves on, whatever becomes of its copy in the child of a fork.

#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <support/fork.hpp>

#include <curl/curl.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>

using namespace querytap;
using namespace querytap::testing;

namespace {

/// The status of a scrape; 0 where no one listens, or answers within seconds.
long scrape(std::uint16_t port) {
  const std::unique_ptr<CURL, void (*)(CURL*)> client{curl_easy_init(), curl_easy_cleanup};
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/metrics";
  curl_easy_setopt(client.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(client.get(), CURLOPT_TIMEOUT, 5L);
  curl_easy_setopt(client.get(), CURLOPT_NOBODY, 1L);
  long status = 0;
  curl_easy_perform(client.get());
  curl_easy_getinfo(client.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

}  // namespace

TEST_CASE("a child that destroys the endpoint does not close its parent's") {
  recorder recorder{{.service_name = "test"}};
  std::optional<scrape_endpoint> endpoint;
  endpoint.emplace(recorder, scrape_endpoint_options{.listen = "127.0.0.1:0"});
  const std::uint16_t port = endpoint->port();
  for (int i = 0; i < 10; ++i) {
    CHECK(exit_code_of_child([&] {
            if (i % 2 == 0) endpoint.reset();
            return true;
          }) == 0);
    CHECK(scrape(port) == 200);
  }
}

TEST_CASE("a child has no copy of its parent's listening socket, which would outlive the parent") {
  recorder recorder{{.service_name = "test"}};
  const scrape_endpoint endpoint{recorder, {.listen = "127.0.0.1:0"}};
  const auto listens = [] {
    for (int descriptor = 0; descriptor < 1024; ++descriptor) {
      int is_listening = 0;
      socklen_t size = sizeof is_listening;
      if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0 &&
          is_listening != 0) {
        return true;
      }
    }
    return false;
  };
  CHECK(listens());
  CHECK(exit_code_of_child([&] { return !listens(); }) == 0);
}
