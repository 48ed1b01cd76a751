#pragma once

#include <protozero/basic_pbf_writer.hpp>
#include <protozero/buffer_tmpl.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace querytap::detail {

/// The memory that protobuf messages are written to: large enough by its maker's promise, so that
/// no write checks for room.
class message_buffer {
 public:
  explicit message_buffer(char* room) noexcept : data_{room} {}

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
  void erase(std::size_t begin, std::size_t end) noexcept {
    std::memmove(data_ + begin, data_ + end, size_ - end);
    size_ -= end - begin;
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

  static std::size_t size(const buffer* bytes) noexcept { return bytes->size(); }
  static void append(buffer* bytes, const char* data, std::size_t size) {
    bytes->append({data, size});
  }
  static void append_zeros(buffer* bytes, std::size_t count) {
    bytes->resize(bytes->size() + count);
  }
  static void resize(buffer* bytes, std::size_t size) { bytes->resize(size); }
  static void reserve_additional(buffer*, std::size_t) {}
  static void erase_range(buffer* bytes, std::size_t begin, std::size_t end) {
    bytes->erase(begin, end);
  }
  static char* at_pos(buffer* bytes, std::size_t position) { return bytes->data() + position; }
  static void push_back(buffer* bytes, char byte) { bytes->push_back(byte); }
};

}  // namespace protozero

namespace querytap::detail {
using message_writer = protozero::basic_pbf_writer<message_buffer>;
}
