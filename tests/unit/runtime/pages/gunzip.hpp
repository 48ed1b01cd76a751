#pragma once

#include <zlib.h>

#include <stdexcept>
#include <string>

namespace querytap::testing {

/// What a gzip file holds, by zlib.
///
/// Errors   std::runtime_error if it is none, or cut short.
[[nodiscard]] inline std::string unpacked(const std::string& file) {
  constexpr int gzip_window = MAX_WBITS + 16;
  z_stream stream{};
  inflateInit2(&stream, gzip_window);
  std::string packed = file;
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  char part[4096];
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part);
    stream.avail_out = sizeof part;
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(part, sizeof part - stream.avail_out);
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error{"not a whole gzip file"};
  return text;
}

}  // namespace querytap::testing
