#include "curl_result.hpp"

#include "../../base/ascii.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace querytap::detail {
namespace {

using ending = http::response::ending;

constexpr std::array results_of_curl{
    curl_result{CURLE_OK, "", ending::answered},
    curl_result{CURLE_COULDNT_RESOLVE_PROXY, "couldnt_resolve_proxy", ending::not_connected},
    curl_result{CURLE_COULDNT_RESOLVE_HOST, "couldnt_resolve_host", ending::not_connected},
    curl_result{CURLE_COULDNT_CONNECT, "couldnt_connect", ending::not_connected},
    curl_result{CURLE_SSL_CONNECT_ERROR, "ssl_connect_error", ending::not_connected},
    curl_result{CURLE_OPERATION_TIMEDOUT, "operation_timedout", ending::timed_out},
    curl_result{CURLE_GOT_NOTHING, "got_nothing", ending::broken},
    curl_result{CURLE_PARTIAL_FILE, "partial_file", ending::broken},
    curl_result{CURLE_SEND_ERROR, "send_error", ending::broken},
    curl_result{CURLE_RECV_ERROR, "recv_error", ending::broken},
    curl_result{CURLE_SEND_FAIL_REWIND, "send_fail_rewind", ending::broken},
    curl_result{CURLE_HTTP2, "http2", ending::broken},
    curl_result{CURLE_HTTP2_STREAM, "http2_stream", ending::broken},
    curl_result{CURLE_WRITE_ERROR, "write_error", ending::stopped},
    curl_result{CURLE_ABORTED_BY_CALLBACK, "aborted_by_callback", ending::stopped},
    curl_result{CURLE_PEER_FAILED_VERIFICATION, "peer_failed_verification", ending::not_trusted},
    curl_result{CURLE_SSL_CERTPROBLEM, "ssl_certproblem", ending::not_trusted},
    curl_result{CURLE_SSL_CLIENTCERT, "ssl_clientcert", ending::not_trusted},
    curl_result{CURLE_SSL_ISSUER_ERROR, "ssl_issuer_error", ending::not_trusted},
    curl_result{CURLE_SSL_CRL_BADFILE, "ssl_crl_badfile", ending::not_trusted},
    curl_result{CURLE_SSL_CIPHER, "ssl_cipher", ending::not_connected},
    curl_result{CURLE_PROXY, "proxy", ending::not_connected},
    curl_result{CURLE_SSL_CACERT_BADFILE, "ssl_cacert_badfile", ending::not_trusted},
    curl_result{CURLE_UNSUPPORTED_PROTOCOL, "unsupported_protocol", ending::not_http},
    curl_result{CURLE_WEIRD_SERVER_REPLY, "weird_server_reply", ending::not_http},
    curl_result{CURLE_BAD_CONTENT_ENCODING, "bad_content_encoding", ending::not_http}};

std::chrono::microseconds curl_time(CURL* easy, CURLINFO info) noexcept {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, info, &microseconds);
  return std::chrono::microseconds{std::max<curl_off_t>(microseconds, 0)};
}

long curl_number(CURL* easy, CURLINFO info) noexcept {
  long number = 0;
  curl_easy_getinfo(easy, info, &number);
  return number;
}

bool uses_tls(CURL* easy) noexcept {
  const char* scheme = nullptr;
  curl_easy_getinfo(easy, CURLINFO_SCHEME, &scheme);
  return scheme != nullptr && equal_ignoring_case(scheme, "https");
}

}  // namespace

curl_result find_curl_result(CURLcode code) noexcept {
  const auto* const found = std::ranges::find(results_of_curl, code, &curl_result::code);
  return found != results_of_curl.end() ? *found : curl_result{code, "_OTHER", ending::not_http};
}

// On a connection that was open already libcurl says 0 for TLS and the time of a look-up that it did not
// make: only the number of connections that it opened tells one from the other. Of a connection that failed amid
// TLS it tells the whole time alone, which counts as `connect`.
curl_times times_of_transfer(CURL* easy) noexcept {
  const auto total = curl_time(easy, CURLINFO_TOTAL_TIME_T);
  const auto first = curl_time(easy, CURLINFO_STARTTRANSFER_TIME_T);
  const auto tcp = curl_time(easy, CURLINFO_CONNECT_TIME_T);
  const auto connected = std::max(tcp, curl_time(easy, CURLINFO_APPCONNECT_TIME_T));
  const bool is_new = curl_number(easy, CURLINFO_NUM_CONNECTS) > 0;
  const bool was_sent = curl_number(easy, CURLINFO_REQUEST_SIZE) > 0;
  curl_times result{.reused_connection = !is_new && was_sent};
  if (curl_number(easy, CURLINFO_REDIRECT_COUNT) == 0) {
    result.was_repeated = curl_time(easy, CURLINFO_REDIRECT_TIME_T).count() > 0;
  }
  using std::chrono::microseconds;
  // Where nothing was sent, all of the time went into the connection.
  microseconds connect{0};
  if (!was_sent) {
    connect = total;
  } else if (is_new) {
    connect = std::min(connected, total);
  }
  const microseconds answer = first.count() > 0 ? std::clamp(first, connect, total) : total;
  const bool is_tls_reached = uses_tls(easy) && tcp.count() > 0 && tcp < connect;
  result.phases[phase::connect] = is_tls_reached ? tcp : connect;
  result.phases[phase::tls] = connect - result.phases[phase::connect];
  result.phases[phase::first_byte] = answer - connect;
  result.phases[phase::fetch] = total - answer;
  return result;
}

int status_of_transfer(CURL* easy) noexcept {
  return static_cast<int>(curl_number(easy, CURLINFO_RESPONSE_CODE));
}

outcome outcome_of_transfer(ending how, std::string_view error, int status) noexcept {
  const auto digit = [&](int unit) { return static_cast<char>('0' + status / unit % 10); };
  const std::array<char, 3> digits{digit(100), digit(10), digit(1)};
  const std::string_view code = status >= 100 && status <= 999
                                    ? std::string_view{digits.data(), digits.size()}
                                    : std::string_view{};
  if (status >= 400) return outcome::error(code, code);
  if (how == ending::answered || how == ending::stopped) return outcome::ok(code);
  const failure_kind kind = how == ending::timed_out ? failure_kind::timeout : failure_kind::error;
  return outcome::error(error, code, kind);
}

}  // namespace querytap::detail
