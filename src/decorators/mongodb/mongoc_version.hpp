#pragma once

#include <mongoc/mongoc.h>

#include <string_view>

/// All in which libmongoc 1.23 and 2.x differ for us. 2.x marks callbacks with a calling convention, which matters on
/// Windows alone, and finds another name for the package; the events are the same.
#if !defined(BSON_CALL)
#define QUERYTAP_MONGOC_CALL
#else
#define QUERYTAP_MONGOC_CALL BSON_CALL
#endif

namespace querytap::mongodb::detail {

/// A document as its bytes.
[[nodiscard]] inline std::string_view bytes_of(const bson_t* document) noexcept {
  if (document == nullptr) return {};
  return {reinterpret_cast<const char*>(bson_get_data(document)), document->len};
}

}  // namespace querytap::mongodb::detail
