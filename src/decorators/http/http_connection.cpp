#include "http_connection.hpp"

#include "../../base/bounded_wait.hpp"
#include "curl_parts.hpp"
#include "curl_result.hpp"
#include "pipe_signal.hpp"

#include <querytap/base/version.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>

namespace querytap::detail {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// libcurl counts 0 as no limit at all.
long curl_milliseconds(nanoseconds time) noexcept {
  const auto rounded = std::chrono::ceil<milliseconds>(bounded_wait(time)).count();
  return static_cast<long>(std::clamp<milliseconds::rep>(rounded, 1, 0x7FFFFFFF));
}

std::size_t give_body(char* into, std::size_t, std::size_t room, void* unsent) noexcept {
  auto& left = *static_cast<std::string_view*>(unsent);
  const std::size_t size = std::min(room, left.size());
  std::memcpy(into, left.data(), size);
  left.remove_prefix(size);
  return size;
}

// libcurl rewinds a body to send a request once more. One that must not arrive twice has no beginning
// any more once it was sent.
int refuse_rewinding(void*, curl_off_t, int) noexcept { return CURL_SEEKFUNC_FAIL; }

std::string_view own_user_agent() noexcept { return "querytap"; }

}  // namespace

http_connection::http_connection(const http::transport_options& options)
    : easy_{(start_libcurl(), curl_easy_init()), curl_easy_cleanup},
      options_{options},
      process_{getpid()} {
  if (easy_ == nullptr) throw std::bad_alloc{};
  set_option(CURLOPT_PROTOCOLS_STR, "http,https");
  set_option(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set_option(CURLOPT_NOSIGNAL, 1L);
  set_option(CURLOPT_QUICK_EXIT, 1L);  // else the destructor waits for a name server
  set_option(CURLOPT_OPENSOCKETFUNCTION, open_curl_socket);
  set_option(CURLOPT_MAXCONNECTS, 4L);
  const std::string agent = options.user_agent.empty()
                                ? std::string{own_user_agent()} + '/' + std::string{version}
                                : options.user_agent;
  set_option(CURLOPT_USERAGENT, agent.c_str());
  if (!options.certificates.empty()) set_option(CURLOPT_CAINFO, options.certificates.c_str());
  if (!options.client_certificate.empty())
    set_option(CURLOPT_SSLCERT, options.client_certificate.c_str());
  if (!options.client_key.empty()) set_option(CURLOPT_SSLKEY, options.client_key.c_str());
}

// By libcurl's own options for the method, and by its name where libcurl has none.
void http_connection::set_method(const prepared_request& prepared) {
  const http::request& request = prepared.request;
  const bool has_body = !request.body.empty() || request.method == "POST" ||
                        request.method == "PUT" || request.method == "PATCH";
  set_body(prepared);  // it makes a POST of anything
  const char* name = request.method.c_str();
  if (!has_body && request.method == "HEAD") {
    set_option(CURLOPT_NOBODY, 1L);
    name = nullptr;
  } else {
    set_option(has_body ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
    if (request.method == (has_body ? "POST" : "GET")) name = nullptr;
  }
  set_option(CURLOPT_CUSTOMREQUEST, name);
}

void http_connection::set_body(const prepared_request& prepared) {
  const std::string_view body = prepared.request.body;
  const bool is_read_once = !prepared.is_harmless && !body.empty();
  unsent_ = body;
  // Without a body there is nothing that cannot be rewound: only a new connection is never retried.
  set_option(CURLOPT_FRESH_CONNECT, !prepared.is_harmless && body.empty() ? 1L : 0L);
  set_option(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  set_option(CURLOPT_POSTFIELDS, is_read_once ? nullptr : body.empty() ? "" : body.data());
  set_option(CURLOPT_READFUNCTION, is_read_once ? &give_body : nullptr);
  set_option(CURLOPT_READDATA, is_read_once ? static_cast<void*>(&unsent_) : nullptr);
  set_option(CURLOPT_SEEKFUNCTION, is_read_once ? &refuse_rewinding : nullptr);
}

CURLcode http_connection::perform(const std::string& url) noexcept {
  std::optional<pipe_signal> kept_away;
  if (url.starts_with("https")) kept_away.emplace();
  return curl_easy_perform(easy_.get());
}

void http_connection::send(const prepared_request& prepared, const std::string& url,
                           reply_reader& reader, nanoseconds time_left, http::response& reply) {
  CURL* const easy = easy_.get();
  set_method(prepared);
  set_option(CURLOPT_URL, url.c_str());
  set_option(CURLOPT_HTTPHEADER, prepared.headers);
  set_option(CURLOPT_ACCEPT_ENCODING, prepared.asks_for_gzip ? "gzip" : nullptr);
  set_option(CURLOPT_TIMEOUT_MS, curl_milliseconds(time_left));
  set_option(CURLOPT_CONNECTTIMEOUT_MS,
             curl_milliseconds(std::min(time_left, options_.connect_timeout)));
  reader.attach_to(easy);
  const CURLcode code = perform(url);

  curl_result result = find_curl_result(code);
  // A reply that ends among its headers is a good one to libcurl.
  if (code == CURLE_OK && !reader.has_whole_head())
    result = {CURLE_PARTIAL_FILE, "partial_headers", http::response::ending::broken};
  reply.how = reader.is_too_large() ? http::response::ending::too_large : result.how;
  reply.error = reader.is_too_large() ? "too_large" : result.name;
  if (reader.was_stopped()) reply.error = {};
  reply.status = status_of_transfer(easy);
  const curl_times times = times_of_transfer(easy);
  reply.reused_connection = times.reused_connection;
  if (times.was_repeated && code != CURLE_SEND_FAIL_REWIND) ++reply.retries;
  reply.phases[phase::connect] += times.phases[phase::connect];
  reply.phases[phase::tls] += times.phases[phase::tls];
  reply.phases[phase::fetch] = times.phases[phase::fetch];
  curl_off_t bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &bytes);
  reply.bytes_sent += static_cast<std::uint64_t>(bytes);
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
  reply.bytes_received += static_cast<std::uint64_t>(bytes);
}

std::string http_connection::redirect() const {
  const char* url = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &url);
  return url == nullptr ? "" : url;
}

bool http_connection::is_of_this_process() const noexcept { return process_ == getpid(); }

}  // namespace querytap::detail
