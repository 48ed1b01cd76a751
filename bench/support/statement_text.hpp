#pragma once

#include <string>
#include <string_view>

namespace querytap::bench {

/// 207 bytes, as a search of a chatbot may look, with four values in it.
inline constexpr std::string_view search_text =
    "select d.id, d.title, d.body, c.name from documents d join collections c on c.id = "
    "d.collection "
    "where c.tenant = 4711 and d.language = 'eng' and d.updated > '2024-01-01' order by d.rank "
    "desc, "
    "d.id limit 1000";
static_assert(search_text.size() == 207);

/// The statement with other values and of the same size, for a `number` below 81 million.
inline std::string search_text_with_values(unsigned number) {
  std::string text{search_text};
  text.replace(text.find("4711"), 4, std::to_string(1000 + number % 9000));
  return text.replace(text.find("1000", text.find("limit")), 4,
                      std::to_string(1000 + number / 9000));
}

/// Another statement, of 211 bytes for a `column` below 9,000.
inline std::string search_text_of_column(unsigned column) {
  std::string text{search_text};
  return text.replace(text.find("title"), 5, "title" + std::to_string(1000 + column));
}

}  // namespace querytap::bench
