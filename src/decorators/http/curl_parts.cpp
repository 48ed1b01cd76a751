#include "curl_parts.hpp"

#include <sys/socket.h>

#include <new>
#include <stdexcept>

namespace querytap::detail {

void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error{"querytap: libcurl cannot start"};
}

curl_socket_t open_curl_socket(void*, curlsocktype, curl_sockaddr* address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void curl_headers::add(const std::string& line) {
  curl_slist* longer = curl_slist_append(lines_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc{};
  static_cast<void>(lines_.release());
  lines_.reset(longer);
}

}  // namespace querytap::detail
