#pragma once

#include <mongoc/mongoc.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace querytap::testing {

template <auto destroy>
struct mongoc_deleter {
  template <class Handle>
  void operator()(Handle* handle) const noexcept {
    destroy(handle);
  }
};

using client_handle = std::unique_ptr<mongoc_client_t, mongoc_deleter<&mongoc_client_destroy>>;
using collection_handle =
    std::unique_ptr<mongoc_collection_t, mongoc_deleter<&mongoc_collection_destroy>>;
using cursor_handle = std::unique_ptr<mongoc_cursor_t, mongoc_deleter<&mongoc_cursor_destroy>>;
using session_handle =
    std::unique_ptr<mongoc_client_session_t, mongoc_deleter<&mongoc_client_session_destroy>>;
using uri_handle = std::unique_ptr<mongoc_uri_t, mongoc_deleter<&mongoc_uri_destroy>>;
using pool_handle =
    std::unique_ptr<mongoc_client_pool_t, mongoc_deleter<&mongoc_client_pool_destroy>>;

/// A document: std::unique_ptr would forget how it is aligned.
class document_handle {
 public:
  explicit document_handle(bson_t* made) noexcept : made_{made} {}
  document_handle(const document_handle&) = delete;
  document_handle& operator=(const document_handle&) = delete;
  ~document_handle() { bson_destroy(made_); }

  [[nodiscard]] bson_t* get() const noexcept { return made_; }

 private:
  bson_t* made_;
};

/// Before any other function of libmongoc; it ends with the process.
inline void begin_mongoc() {
  static const bool once = [] {
    mongoc_init();
    mongoc_log_set_handler(nullptr, nullptr);
    return true;
  }();
  static_cast<void>(once);
}

/// A document from extended JSON.
[[nodiscard]] inline document_handle document(std::string_view json) {
  bson_error_t error;
  bson_t* const made = bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()),
                                          static_cast<ssize_t>(json.size()), &error);
  if (made == nullptr) throw std::invalid_argument{std::string{json} + ": " + error.message};
  return document_handle{made};
}

[[nodiscard]] inline std::string_view bytes_of(const document_handle& document) {
  return {reinterpret_cast<const char*>(bson_get_data(document.get())), document.get()->len};
}

[[nodiscard]] inline client_handle make_client(const std::string& uri) {
  begin_mongoc();
  return client_handle{mongoc_client_new(uri.c_str())};
}

[[nodiscard]] inline collection_handle collection(mongoc_client_t* client,
                                                  const char* name = "documents") {
  return collection_handle{mongoc_client_get_collection(client, "chat", name)};
}

/// Reads all that there is; throws nothing.
inline std::uint64_t read_all(mongoc_collection_t* documents, std::string_view filter = "{}",
                              std::string_view options = "{}", bson_error_t* error = nullptr) {
  const cursor_handle found{mongoc_collection_find_with_opts(documents, document(filter).get(),
                                                             document(options).get(), nullptr)};
  std::uint64_t count = 0;
  for (const bson_t* each = nullptr; mongoc_cursor_next(found.get(), &each);) ++count;
  bson_error_t ignored;
  static_cast<void>(mongoc_cursor_error(found.get(), error == nullptr ? &ignored : error));
  return count;
}

}  // namespace querytap::testing
