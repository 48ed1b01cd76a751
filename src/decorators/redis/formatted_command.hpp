#pragma once

#include <hiredis.h>

#include <cstdarg>
#include <cstddef>
#include <string_view>

namespace querytap::redis::detail {

/// A command in the bytes that are sent, made from a format.
class formatted_command {
 public:
  formatted_command(const char* format, va_list values) noexcept
      : size_{::redisvFormatCommand(&bytes_, format, values)} {}
  formatted_command(const formatted_command&) = delete;
  formatted_command& operator=(const formatted_command&) = delete;
  ~formatted_command() {
    if (is_valid()) ::redisFreeCommand(bytes_);
  }

  [[nodiscard]] bool is_valid() const noexcept { return size_ >= 0; }
  [[nodiscard]] std::string_view bytes() const noexcept {
    return {bytes_, static_cast<std::size_t>(size_)};
  }
  [[nodiscard]] int append_to(redisContext* context) const noexcept {
    return ::redisAppendFormattedCommand(context, bytes_, static_cast<std::size_t>(size_));
  }

 private:
  char* bytes_ = nullptr;
  int size_;
};

}  // namespace querytap::redis::detail
