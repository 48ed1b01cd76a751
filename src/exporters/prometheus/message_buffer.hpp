#pragma once

#include <protozero/basic_pbf_writer.hpp>
#include <protozero/buffer_tmpl.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace querytap::detail {

/// Where protobuf messages are written to: memory that is known to be large enough, so that no byte
/// has to ask for room.
class message_buffer {
 public:
  explicit message_buffer(char* to) noexcept : data_{to} {}

  [[nodiscard]] char* data() noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] char* end() noexcept { return data_ + size_; }

  /// Fields that were encoded before.
  void append(std::string_view bytes) noexcept {
    std::memcpy(end(), bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void push_back(char byte) noexcept { data_[size_++] = byte; }
  void resize(std::size_t size) noexcept { size_ = size; }
  void erase(std::size_t from, std::size_t to) noexcept {
    std::memmove(data_ + from, data_ + to, size_ - to);
    size_ -= to - from;
  }

 private:
  char* data_;
  std::size_t size_ = 0;
};

}  // namespace querytap::detail

namespace protozero {

template <>
struct buffer_customization<querytap::detail::message_buffer> {
  using buffer = querytap::detail::message_buffer;

  static std::size_t size(const buffer* in) noexcept { return in->size(); }
  static void append(buffer* in, const char* data, std::size_t size) { in->append({data, size}); }
  static void append_zeros(buffer* in, std::size_t count) { in->resize(in->size() + count); }
  static void resize(buffer* in, std::size_t size) { in->resize(size); }
  static void reserve_additional(buffer*, std::size_t) {}
  static void erase_range(buffer* in, std::size_t from, std::size_t to) { in->erase(from, to); }
  static char* at_pos(buffer* in, std::size_t position) { return in->data() + position; }
  static void push_back(buffer* in, char byte) { in->push_back(byte); }
};

}  // namespace protozero

namespace querytap::detail {
using message_writer = protozero::basic_pbf_writer<message_buffer>;
}
