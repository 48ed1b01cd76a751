#include <querytap/decorators/sqlite/detail/binding.hpp>

#include <querytap/decorators/sqlite/detail/column_reader.hpp>

#include <stdexcept>
#include <string>

namespace querytap::sqlite::detail {

void refuse_integer(int index) {
  throw std::out_of_range{"querytap: the integer at " + std::to_string(index) + " does not fit"};
}

int bind_null(sqlite3_stmt* handle, int index) noexcept { return sqlite3_bind_null(handle, index); }

int bind_real(sqlite3_stmt* handle, int index, double value) noexcept {
  return sqlite3_bind_double(handle, index, value);
}

// A null pointer would bind NULL, which differs from an empty text.
int bind_text(sqlite3_stmt* handle, int index, std::string_view value) noexcept {
  const char* const data = value.empty() ? "" : value.data();
  return sqlite3_bind_text64(handle, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

int bind_text(sqlite3_stmt* handle, int index, std::u16string_view value) noexcept {
  const void* const data = value.empty() ? u"" : value.data();
  return sqlite3_bind_text64(handle, index, static_cast<const char*>(data),
                             value.size() * sizeof(char16_t), SQLITE_TRANSIENT, SQLITE_UTF16);
}

int bind_blob(sqlite3_stmt* handle, int index, std::span<const std::byte> value) noexcept {
  return value.empty()
             ? sqlite3_bind_zeroblob(handle, index, 0)
             : sqlite3_bind_blob64(handle, index, value.data(), value.size(), SQLITE_TRANSIENT);
}

int bind_special(sqlite3_stmt* handle, int index, zeroblob value) noexcept {
  return sqlite3_bind_zeroblob64(handle, index, value.size);
}

int bind_special(sqlite3_stmt* handle, int index, uncopied value) noexcept {
  const char* const data = value.text.empty() ? "" : value.text.data();
  return sqlite3_bind_text64(handle, index, data, value.text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

int bind_special(sqlite3_stmt* handle, int index, pointer value) noexcept {
  return sqlite3_bind_pointer(handle, index, value.target, value.type, value.destroy);
}

}  // namespace querytap::sqlite::detail
