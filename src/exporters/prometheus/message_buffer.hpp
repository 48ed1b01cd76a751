#pragma once

#include <protozero/basic_pbf_writer.hpp>
#include <protozero/buffer_tmpl.hpp>
#include <protozero/varint.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
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

/// A message within another that is mostly between 128 bytes and 16 KiB long. protozero would leave
/// room for the longest length there is, and move the message to close the gap; here there is no gap
/// if the length takes two bytes.
class framed_message {
 public:
  framed_message(message_buffer& room, protozero::pbf_tag_type tag) : room_{room} {
    constexpr auto length_delimited =
        static_cast<std::uint32_t>(protozero::pbf_wire_type::length_delimited);
    protozero::add_varint_to_buffer(&room, tag << 3U | length_delimited);
    length_at_ = room.size();
    room.resize(length_at_ + likely_digits);
  }
  framed_message(const framed_message&) = delete;
  framed_message& operator=(const framed_message&) = delete;

  void close() {
    char* const begin = room_.data() + length_at_;
    const std::size_t length = room_.size() - length_at_ - likely_digits;
    const auto digits = static_cast<std::size_t>(protozero::length_of_varint(length));
    if (digits != likely_digits) std::memmove(begin + digits, begin + likely_digits, length);
    protozero::write_varint(begin, length);
    room_.resize(length_at_ + digits + length);
  }

 private:
  static constexpr std::size_t likely_digits = 2;

  message_buffer& room_;
  std::size_t length_at_;
};

}  // namespace querytap::detail
