#include "readable_text.hpp"

#include <mysql.h>

#include <mariadb_ctype.h>

#include <algorithm>
#include <array>
#include <exception>

namespace querytap::mysql::detail {
namespace {

bool has_ascii_in_characters(const MARIADB_CHARSET_INFO& charset) noexcept {
  constexpr std::array names{std::string_view{"big5"}, std::string_view{"gbk"},
                             std::string_view{"sjis"}, std::string_view{"cp932"},
                             std::string_view{"gb18030"}};
  return charset.csname != nullptr && charset.mb_valid != nullptr &&
         std::ranges::find(names, std::string_view{charset.csname}) != names.end();
}

}  // namespace

std::string_view readable_text(const MYSQL* handle, std::string_view sql,
                               std::string& into) noexcept {
  const MARIADB_CHARSET_INFO* const charset = handle == nullptr ? nullptr : handle->charset;
  if (charset == nullptr || !has_ascii_in_characters(*charset)) return sql;
  try {
    into = sql;
  } catch (const std::exception&) {
    return {};  // no memory
  }
  for (std::size_t at = 0; at < sql.size();) {
    const unsigned size = charset->mb_valid(sql.data() + at, sql.data() + sql.size());
    for (unsigned i = 1; i < size; ++i) into[at + i] = '_';
    at += std::max(size, 1U);
  }
  return into;
}

}  // namespace querytap::mysql::detail
