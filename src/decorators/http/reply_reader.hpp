#pragma once

#include <querytap/decorators/http/request.hpp>
#include <querytap/decorators/http/response.hpp>

#include <curl/curl.h>

#include <cstddef>
#include <exception>

namespace querytap::detail {

/// What libcurl's callbacks write into during one transfer.
///
/// Errors   an exception of the sink, or std::bad_alloc, ends the transfer and is stored: it must not
///          pass through libcurl.
class reply_reader {
 public:
  struct limits {
    std::size_t body;
    std::size_t headers;
  };

  reply_reader(http::response& reply, const http::body_sink* sink, limits largest) noexcept
      : reply_{reply}, sink_{sink}, largest_{largest} {}

  /// Sets the handle's callbacks to this reader, which must outlive the transfer.
  void attach_to(CURL* easy) noexcept;

  [[nodiscard]] bool is_too_large() const noexcept { return is_too_large_; }
  /// The empty line behind the headers has come.
  [[nodiscard]] bool has_whole_head() const noexcept { return has_whole_head_; }
  [[nodiscard]] bool was_stopped() const noexcept { return was_stopped_; }
  /// The sink has got something: the request cannot be repeated.
  [[nodiscard]] bool has_given() const noexcept { return has_given_; }
  void rethrow() const {
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
  }

 private:
  static std::size_t take_header(char* data, std::size_t, std::size_t size, void* reader) noexcept;
  static std::size_t take_body(char* data, std::size_t, std::size_t size, void* reader) noexcept;
  [[nodiscard]] bool take_header_line(std::string_view line);
  [[nodiscard]] bool take_part(std::string_view part);
  [[nodiscard]] bool fits(bool does) noexcept;

  http::response& reply_;
  const http::body_sink* sink_;
  limits largest_;
  CURL* easy_ = nullptr;
  std::size_t header_bytes_ = 0;  // as they came, of all replies of this transfer
  bool has_whole_head_ = false;
  bool is_too_large_ = false;
  bool was_stopped_ = false;
  bool has_given_ = false;
  std::exception_ptr thrown_ = nullptr;
};

}  // namespace querytap::detail
