#include "gzip_compressor.hpp"

#include <libdeflate.h>

#include <new>

namespace querytap::detail {
namespace {

constexpr int gzip_level = 1;

}  // namespace

gzip_compressor::gzip_compressor() : compressor_{libdeflate_alloc_compressor(gzip_level)} {
  if (compressor_ == nullptr) throw std::bad_alloc{};
}

gzip_compressor::~gzip_compressor() { libdeflate_free_compressor(compressor_); }

void gzip_compressor::compress(std::string_view body, std::string& into) {
  const std::size_t largest = libdeflate_gzip_compress_bound(compressor_, body.size());
  if (buffer_.size() < largest) buffer_.resize(largest);
  const std::size_t size = libdeflate_gzip_compress(compressor_, body.data(), body.size(),
                                                    buffer_.data(), buffer_.size());
  into.assign(buffer_, 0, size);
}

}  // namespace querytap::detail
