#include <querytap/decorators/sqlite/detail/column_reader.hpp>

namespace querytap::sqlite::detail {

std::string_view column_reader::read_shared_text() const {
  const auto* const data = sqlite3_column_text(handle, index);
  const int size = sqlite3_column_bytes(handle, index);
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::string column_reader::read(std::type_identity<std::string>) const {
  return std::string{read(std::type_identity<std::string_view>{})};
}

std::u16string_view column_reader::read(std::type_identity<std::u16string_view>) const {
  const auto* const data = static_cast<const char16_t*>(sqlite3_column_text16(handle, index));
  const int size = sqlite3_column_bytes16(handle, index);
  return {data, static_cast<std::size_t>(size) / sizeof(char16_t)};
}

std::u16string column_reader::read(std::type_identity<std::u16string>) const {
  return std::u16string{read(std::type_identity<std::u16string_view>{})};
}

std::span<const std::byte> column_reader::read(
    std::type_identity<std::span<const std::byte>>) const {
  const auto* const data = sqlite3_column_blob(handle, index);
  const int size = sqlite3_column_bytes(handle, index);
  return {static_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
}

std::span<const unsigned char> column_reader::read(
    std::type_identity<std::span<const unsigned char>>) const {
  const auto bytes = read(std::type_identity<std::span<const std::byte>>{});
  return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}

std::vector<std::byte> column_reader::read(std::type_identity<std::vector<std::byte>>) const {
  const auto bytes = read(std::type_identity<std::span<const std::byte>>{});
  return {bytes.begin(), bytes.end()};
}

std::vector<unsigned char> column_reader::read(
    std::type_identity<std::vector<unsigned char>>) const {
  const auto bytes = read(std::type_identity<std::span<const unsigned char>>{});
  return {bytes.begin(), bytes.end()};
}

any_value column_reader::read(std::type_identity<any_value>) const {
  switch (sqlite3_column_type(handle, index)) {
    case SQLITE_INTEGER: return read(std::type_identity<std::int64_t>{});
    case SQLITE_FLOAT: return read(std::type_identity<double>{});
    case SQLITE_TEXT: return read(std::type_identity<std::string>{});
    case SQLITE_BLOB: return read(std::type_identity<std::vector<std::byte>>{});
    default: return nullptr;
  }
}

}  // namespace querytap::sqlite::detail
