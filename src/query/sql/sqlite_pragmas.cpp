#include "sqlite_pragmas.hpp"

#include "../text/sanitised_tokens.hpp"

#include <algorithm>
#include <iterator>

namespace querytap::detail {
namespace {

constexpr std::string_view pragmas_of_names[] = {
    "foreign_key_check", "foreign_key_list", "index_info",  "index_list",
    "index_xinfo",       "integrity_check",  "quick_check", "stats",
    "table_info",        "table_list",       "table_xinfo",
};
constexpr std::string_view pragmas_of_keys[] = {
    "hexkey", "hexrekey", "key", "rekey", "textkey", "textrekey",
};
constexpr std::string_view words_of_pragmas[] = {
    "default", "delete", "exclusive", "extra",    "false", "fast", "file", "full",    "incremental",
    "memory",  "no",     "none",      "normal",   "noop",  "off",  "on",   "passive", "persist",
    "restart", "reset",  "true",      "truncate", "wal",   "wal2", "yes",
};

template <std::size_t Count>
bool is_listed(const std::string_view (&words)[Count], std::string_view sought) noexcept {
  return std::any_of(std::begin(words), std::end(words),
                     [sought](std::string_view word) { return same_word(word, sought); });
}

}  // namespace

pragma_value value_of_pragma(std::string_view name) noexcept {
  if (is_listed(pragmas_of_names, name)) return pragma_value::name;
  return is_listed(pragmas_of_keys, name) ? pragma_value::secret : pragma_value::setting;
}

bool is_pragma_word(std::string_view word) noexcept { return is_listed(words_of_pragmas, word); }

}  // namespace querytap::detail
