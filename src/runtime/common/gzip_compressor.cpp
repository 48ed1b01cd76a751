#include "gzip_compressor.hpp"

#include <libdeflate.h>

#include <new>

namespace querytap::detail {
namespace {

constexpr int level = 1;

}  // namespace

gzip_compressor::gzip_compressor() : compressor_{libdeflate_alloc_compressor(level)} {
  if (compressor_ == nullptr) throw std::bad_alloc{};
}

gzip_compressor::~gzip_compressor() { libdeflate_free_compressor(compressor_); }

void gzip_compressor::compress(std::string_view body, std::string& into) {
  const std::size_t most = libdeflate_gzip_compress_bound(compressor_, body.size());
  if (room_.size() < most) room_.resize(most);
  const std::size_t size =
      libdeflate_gzip_compress(compressor_, body.data(), body.size(), room_.data(), room_.size());
  into.assign(room_, 0, size);
}

}  // namespace querytap::detail
