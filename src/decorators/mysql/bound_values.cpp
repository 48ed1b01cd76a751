#include "bound_values.hpp"

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace querytap::mysql::detail {

template <class T>
void bound_values::note_number(const MYSQL_BIND& value, bool describes) {
  T number{};
  std::memcpy(&number, value.buffer, sizeof number);
  note(number, describes);
}

void bound_values::note_time(const MYSQL_TIME& time, bool describes) {
  for (const unsigned long part :
       {static_cast<unsigned long>(time.year), static_cast<unsigned long>(time.month),
        static_cast<unsigned long>(time.day), static_cast<unsigned long>(time.hour),
        static_cast<unsigned long>(time.minute), static_cast<unsigned long>(time.second),
        time.second_part, static_cast<unsigned long>(time.neg)}) {
    digest_.add(part);
  }
  if (describes) description_.add_unknown();
}

void bound_values::note_unreadable(bool describes) {
  is_complete_ = false;
  if (describes) description_.add_unknown();
}

void bound_values::add(const MYSQL_BIND& value, bool describes) {
  const bool is_null =
      value.buffer_type == MYSQL_TYPE_NULL || (value.is_null != nullptr && *value.is_null != 0);
  if (is_null) return note(nullptr, describes);
  if (value.long_data_used != 0 || value.buffer == nullptr) return note_unreadable(describes);
  // The client library takes the size of a text that ends with a zero byte itself.
  const auto size = [&] {
    const unsigned long given = value.length == nullptr ? value.buffer_length : *value.length;
    return given == ~0UL ? std::strlen(static_cast<const char*>(value.buffer)) : given;
  };
  switch (value.buffer_type) {
    case MYSQL_TYPE_TINY: return note_number<signed char>(value, describes);
    case MYSQL_TYPE_YEAR:
    case MYSQL_TYPE_SHORT: return note_number<short>(value, describes);
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG: return note_number<int>(value, describes);
    case MYSQL_TYPE_LONGLONG: return note_number<long long>(value, describes);
    case MYSQL_TYPE_FLOAT: return note_number<float>(value, describes);
    case MYSQL_TYPE_DOUBLE: return note_number<double>(value, describes);
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
      return note_time(*static_cast<const MYSQL_TIME*>(value.buffer), describes);
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
      return note(std::span{static_cast<const std::byte*>(value.buffer), size()}, describes);
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_JSON:
    case MYSQL_TYPE_ENUM:
    case MYSQL_TYPE_SET:
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
      return note(std::string_view{static_cast<const char*>(value.buffer), size()}, describes);
    default: return note_unreadable(describes);
  }
}

}  // namespace querytap::mysql::detail
