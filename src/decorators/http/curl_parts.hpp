#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

namespace querytap::detail {

/// Starts libcurl, once in the process. std::runtime_error if it cannot.
void start_libcurl();

/// For CURLOPT_OPENSOCKETFUNCTION: programs that the process starts later do not inherit the connection.
curl_socket_t open_curl_socket(void*, curlsocktype, curl_sockaddr* address);

/// The headers of a request, as libcurl takes them.
///
/// Errors   std::bad_alloc.
class curl_headers {
 public:
  /// `name: value`; `name:` keeps libcurl from adding a header of its own.
  void add(const std::string& line);
  [[nodiscard]] curl_slist* list() const noexcept { return lines_.get(); }

 private:
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> lines_{nullptr, curl_slist_free_all};
};

}  // namespace querytap::detail
