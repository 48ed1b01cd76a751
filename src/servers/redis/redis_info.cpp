#include "redis_info.hpp"

namespace querytap::detail {
namespace {

std::string_view take_until(std::string_view& text, char end) {
  const std::size_t size = text.find(end);
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size == text.npos ? text.size() : size + 1);
  return taken;
}

}  // namespace

redis_info::redis_info(std::string_view answer) {
  while (!answer.empty()) {
    std::string_view line = take_until(answer, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with('#') || line.find(':') == line.npos) continue;
    const std::string_view name = take_until(line, ':');
    fields_.emplace(name, line);
  }
}

std::string_view redis_info::text(std::string_view name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? std::string_view{} : std::string_view{found->second};
}

std::vector<redis_info::field> redis_info::beginning_with(std::string_view prefix) const {
  std::vector<field> found;
  for (auto at = fields_.lower_bound(prefix); at != fields_.end(); ++at) {
    if (!at->first.starts_with(prefix)) break;
    found.emplace_back(at->first.substr(prefix.size()), at->second);
  }
  return found;
}

std::string_view part_of_field(std::string_view value, std::string_view name) {
  while (!value.empty()) {
    std::string_view part = take_until(value, ',');
    if (take_until(part, '=') == name) return part;
  }
  return {};
}

}  // namespace querytap::detail
