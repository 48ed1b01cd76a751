#include "reply_reader.hpp"

#include "curl_result.hpp"

namespace querytap::detail {

void reply_reader::attach_to(CURL* easy) noexcept {
  easy_ = easy;
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
}

bool reply_reader::fits(bool does) noexcept {
  is_too_large_ = is_too_large_ || !does;
  return does;
}

// A reply may be preceded by others: 100, or the one that libcurl got before it sent the request again.
bool reply_reader::take_header_line(std::string_view line) {
  header_bytes_ += line.size();
  if (!fits(header_bytes_ <= largest_.headers)) return false;
  if (line.starts_with("HTTP/")) {
    reply_.headers.clear();
    reply_.body.clear();
    has_whole_head_ = false;
    return true;
  }
  if (line == "\r\n" || line == "\n") has_whole_head_ = true;
  reply_.headers.add_line(line);
  return true;
}

bool reply_reader::take_part(std::string_view part) {
  const int status = status_of_transfer(easy_);
  if (sink_ != nullptr && status >= 200 && status < 300) {
    has_given_ = true;
    was_stopped_ = !(*sink_)(part);
    return !was_stopped_;
  }
  if (!fits(part.size() <= largest_.body - reply_.body.size())) return false;
  reply_.body.append(part);
  return true;
}

std::size_t reply_reader::take_header(char* data, std::size_t, std::size_t size,
                                      void* reader) noexcept {
  auto& self = *static_cast<reply_reader*>(reader);
  try {
    return self.take_header_line({data, size}) ? size : 0;
  } catch (...) {
    self.thrown_ = std::current_exception();
    return 0;
  }
}

// An answer of 0 to a part of 0 bytes would be taken for consent, but libcurl never asks for one.
std::size_t reply_reader::take_body(char* data, std::size_t, std::size_t size,
                                    void* reader) noexcept {
  auto& self = *static_cast<reply_reader*>(reader);
  try {
    return self.take_part({data, size}) ? size : 0;
  } catch (...) {
    self.thrown_ = std::current_exception();
    return 0;
  }
}

}  // namespace querytap::detail
