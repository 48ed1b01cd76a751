#include "gzip.hpp"

#include <zlib.h>

#include <limits>
#include <new>
#include <stdexcept>

namespace querytap::detail {
namespace {

constexpr int level = 1;
constexpr int gzip_window = MAX_WBITS + 16;  // 16 asks zlib for gzip's header and trailer
constexpr int default_memory = 8;

}  // namespace

std::string gzip(std::string_view data) {
  if (data.size() > std::numeric_limits<uInt>::max()) throw std::length_error{"gzip: over 4 GiB"};
  z_stream stream{};
  const int made =
      deflateInit2(&stream, level, Z_DEFLATED, gzip_window, default_memory, Z_DEFAULT_STRATEGY);
  if (made != Z_OK) throw std::bad_alloc{};
  std::string packed(deflateBound(&stream, data.size()), '\0');
  // zlib takes no const, and writes nothing there.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);  // with room for the bound it ends in one call
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace querytap::detail
