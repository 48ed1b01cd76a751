#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/base/phase.hpp>
#include <querytap/decorators/http/response.hpp>

#include <curl/curl.h>

#include <string_view>

namespace querytap::detail {

/// What an error of libcurl means for the request. CURLE_WRITE_ERROR is for the caller to explain.
struct curl_result {
  CURLcode code;
  std::string_view name;  ///< for `error.type`; empty where all went well
  http::response::ending how;
};
[[nodiscard]] curl_result find_curl_result(CURLcode code) noexcept;

/// What libcurl measured of the last transfer of a handle.
struct curl_times {
  phase_times phases = {};
  bool reused_connection = false;
  /// libcurl sent the request a second time, since an open connection broke without an answer.
  bool was_repeated = false;
};
[[nodiscard]] curl_times times_of_transfer(CURL* easy) noexcept;

[[nodiscard]] int status_of_transfer(CURL* easy) noexcept;

/// `error.type` is the status from 400 on, else the error's name.
[[nodiscard]] outcome outcome_of_transfer(http::response::ending how, std::string_view error,
                                          int status) noexcept;

}  // namespace querytap::detail
