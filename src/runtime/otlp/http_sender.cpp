#include "http_sender.hpp"

#include "../../base/bounded_wait.hpp"
#include "../../decorators/http/curl_parts.hpp"

#include <querytap/base/version.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <stdexcept>

namespace querytap::detail {
namespace {

using std::chrono::steady_clock;

std::string user_agent() { return "querytap-OTLP-Exporter-Cpp/" + std::string{version}; }

std::size_t append_to_reply(char* data, std::size_t, std::size_t size, void* body) noexcept {
  auto& reply = *static_cast<std::string*>(body);
  if (reply.size() + size > http_sender::largest_reply) return 0;
  try {
    reply.append(data, size);
    return size;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

http_reply::end reply_end_of(CURLcode code, long status) {
  if (code == CURLE_WRITE_ERROR) return http_reply::end::too_large;
  // The status decides how the request ended, even where the rest of the reply is lost.
  if (code == CURLE_OK || status >= 200) return http_reply::end::answered;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR: return http_reply::end::not_connected;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return http_reply::end::no_answer;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE: return http_reply::end::not_trusted;
    case CURLE_OPERATION_TIMEDOUT: return http_reply::end::timed_out;
    default: return http_reply::end::no_http;
  }
}

std::string reply_header_of(CURL* easy, const char* name) {
  curl_header* found = nullptr;
  const bool is_there = curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK;
  return is_there ? found->value : "";
}

}  // namespace

// One request, from its options to its reply.
class http_sender::transfer {
 public:
  transfer(const http_target& target, std::string_view content_type, bool gzipped,
           std::string_view body, repetition repeated)
      : easy_{curl_easy_init(), curl_easy_cleanup},
        body_size_{static_cast<curl_off_t>(body.size())} {
    if (easy_ == nullptr) throw std::bad_alloc{};
    headers_.add("Content-Type: " + std::string{content_type});
    if (gzipped) headers_.add("Content-Encoding: gzip");
    headers_.add("Expect:");  // a collector without support for it would cost a second
    for (const std::string& header : target.headers) headers_.add(header);
    set_request(target, body);
    if (repeated == repetition::harmful) {
      set_option(CURLOPT_FRESH_CONNECT, 1L);
      set_option(CURLOPT_FORBID_REUSE, 1L);
    }
    set_security(target);
  }

  [[nodiscard]] CURL* handle() const noexcept { return easy_.get(); }

  [[nodiscard]] http_reply reply(CURLcode code) {
    long status = 0;
    curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
    curl_off_t sent = 0;
    curl_easy_getinfo(handle(), CURLINFO_SIZE_UPLOAD_T, &sent);
    return {.how = reply_end_of(code, status),
            .may_have_arrived = sent >= body_size_,
            .status = static_cast<int>(status),
            .content_type = reply_header_of(handle(), "Content-Type"),
            .retry_after = reply_header_of(handle(), "Retry-After"),
            .body = std::move(received_)};
  }

 private:
  template <class Value>
  void set_option(CURLoption option, Value value) {
    curl_easy_setopt(handle(), option, value);
  }

  void set_request(const http_target& target, std::string_view body) {
    set_option(CURLOPT_URL, target.url.c_str());
    set_option(CURLOPT_PROTOCOLS_STR, "http,https");
    set_option(CURLOPT_USERAGENT, user_agent().c_str());
    set_option(CURLOPT_HTTPHEADER, headers_.list());
    set_option(CURLOPT_POSTFIELDSIZE_LARGE, body_size_);
    set_option(CURLOPT_POSTFIELDS, body.data());
    set_option(CURLOPT_ACCEPT_ENCODING, "gzip");
    set_option(CURLOPT_WRITEFUNCTION, append_to_reply);
    set_option(CURLOPT_WRITEDATA, &received_);
    set_option(CURLOPT_OPENSOCKETFUNCTION, open_curl_socket);
    set_option(CURLOPT_NOSIGNAL, 1L);
    set_option(CURLOPT_QUICK_EXIT, 1L);  // otherwise the destructor waits for a name server
  }

  void set_security(const http_target& target) {
    if (!target.certificate.empty()) set_option(CURLOPT_CAINFO, target.certificate.c_str());
    if (!target.client_certificate.empty())
      set_option(CURLOPT_SSLCERT, target.client_certificate.c_str());
    if (!target.client_key.empty()) set_option(CURLOPT_SSLKEY, target.client_key.c_str());
  }

  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  curl_headers headers_;
  std::string received_;
  curl_off_t body_size_;
};

void http_sender::multi_deleter::operator()(void* handle) const noexcept {
  curl_multi_cleanup(handle);
}

http_sender::http_sender()
    : multi_{(start_libcurl(), curl_multi_init())},
      limit_{time_point::max().time_since_epoch().count()} {
  if (multi_ == nullptr) throw std::runtime_error{"querytap: libcurl cannot start"};
}

http_sender::~http_sender() = default;

void http_sender::end_by(time_point limit) noexcept {
  limit_.store(limit.time_since_epoch().count(), std::memory_order_relaxed);
  curl_multi_wakeup(multi_.get());
}

// False once the deadline has passed.
bool http_sender::run(int& still_running, time_point deadline) {
  const time_point limit{time_point::duration{limit_.load(std::memory_order_relaxed)}};
  const auto left = std::min(deadline, limit) - steady_clock::now();
  if (left <= left.zero()) return false;
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(left);
  const auto wait = std::min(rounded, std::chrono::milliseconds{60'000});
  curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr);
  return curl_multi_perform(multi_.get(), &still_running) == CURLM_OK;
}

http_reply http_sender::post(const http_target& target, std::string_view content_type, bool gzipped,
                             std::string_view body, std::chrono::nanoseconds timeout,
                             repetition repeated) {
  const time_point time = steady_clock::now();
  const time_point deadline = time + bounded_wait(timeout);
  transfer request{target, content_type, gzipped, body, repeated};
  curl_multi_add_handle(multi_.get(), request.handle());
  int still_running = 1;
  bool in_time = curl_multi_perform(multi_.get(), &still_running) == CURLM_OK;
  while (in_time && still_running != 0) in_time = run(still_running, deadline);
  int queued = 0;
  const CURLMsg* ended = curl_multi_info_read(multi_.get(), &queued);
  const CURLcode code = ended == nullptr ? CURLE_OPERATION_TIMEDOUT : ended->data.result;
  http_reply reply = request.reply(code);
  curl_multi_remove_handle(multi_.get(), request.handle());
  return reply;
}

}  // namespace querytap::detail
