#include <querytap/decorators/http/header_list.hpp>

#include "../../base/ascii.hpp"
#include "../../base/text.hpp"

namespace querytap::http {

std::optional<std::string_view> header_list::find(std::string_view name) const noexcept {
  std::string_view known;
  std::string_view value;
  for (std::size_t at = 0; next(at, known, value);) {
    if (detail::equal_ignoring_case(known, name)) return value;
  }
  return std::nullopt;
}

void header_list::add_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return;
  constexpr std::string_view blanks = " \t\r\n";
  lines_ += detail::trimmed(line.substr(0, colon), blanks);
  lines_ += ':';
  for (const char c : detail::trimmed(line.substr(colon + 1), blanks)) {
    lines_ += c == '\n' ? ' ' : c;
  }
  lines_ += '\n';
}

bool header_list::next(std::size_t& at, std::string_view& name,
                       std::string_view& value) const noexcept {
  if (at >= lines_.size()) return false;
  const std::string_view rest = std::string_view{lines_}.substr(at);
  const std::size_t end = rest.find('\n');
  const std::size_t colon = rest.find(':');
  name = rest.substr(0, colon);
  value = rest.substr(colon + 1, end - colon - 1);
  at += end + 1;
  return true;
}

}  // namespace querytap::http
