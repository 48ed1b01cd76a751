#pragma once

#include <catch2/catch.hpp>

#include <zlib.h>

#include <string>
#include <string_view>

namespace querytap::testing {

/// The content of a gzip file of at most 16 MiB, unpacked by zlib.
[[nodiscard]] inline std::string gunzip(std::string_view file) {
  std::string result(16 << 20, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.data()));
  stream.avail_in = static_cast<uInt>(file.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  REQUIRE(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  REQUIRE(stream.avail_in == 0);
  result.resize(stream.total_out);
  inflateEnd(&stream);
  return result;
}

}  // namespace querytap::testing
