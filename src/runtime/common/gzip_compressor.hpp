#pragma once

#include <memory>
#include <string>
#include <string_view>

struct libdeflate_compressor;

namespace querytap::detail {

/// Packs bodies as gzip at level 1, which takes a scrape down to a thirtieth: its lines are much
/// alike. Higher levels take several times as long for little more.
///
/// Threads  one at a time.
/// Source   RFC 1952.
class gzip_compressor {
 public:
  gzip_compressor();
  ~gzip_compressor();

  /// What `into` held before is gone.
  void compress(std::string_view body, std::string& into);

 private:
  libdeflate_compressor* compressor_;
  std::string room_;  // for the worst case; kept, since it is much larger than what comes out
};

}  // namespace querytap::detail
