#include "targets.hpp"

#include <cstring>

namespace querytap::detail {

std::size_t statement_targets::end_of(std::size_t first) const noexcept {
  do {
    ++first;
  } while (first < count_ && parts_[first].as == sort::rest);
  return first;
}

std::size_t statement_targets::size_of(std::size_t first, std::size_t end) const noexcept {
  std::size_t size = end - first - 1;  // the dots
  for (std::size_t i = first; i < end; ++i) size += parts_[i].size;
  return size;
}

char* statement_targets::write(std::size_t first, std::size_t end, char* into) const noexcept {
  for (std::size_t i = first; i < end; ++i) {
    if (i != first) *into++ = '.';
    std::memcpy(into, parts_[i].text, parts_[i].size);
    into += parts_[i].size;
  }
  return into;
}

std::string statement_targets::text() const {
  std::array<char, longest_text> joined;
  char* at = joined.data();
  char* begin = at;  // of the name: one that does not fit is left out as a whole
  bool is_left_out = false;
  for (std::size_t i = 0; i < count_; ++i) {
    const part& next = parts_[i];
    const bool is_rest = next.as == sort::rest;
    if (!is_rest) {
      begin = at;
      is_left_out = next.as == sort::query || next.as == sort::owner;
    }
    if (is_left_out) continue;
    const std::size_t gap = at == joined.data() ? 0 : 1;
    if (next.size + gap > static_cast<std::size_t>(joined.data() + joined.size() - at)) {
      at = begin;
      break;
    }
    if (gap != 0) *at++ = is_rest ? '.' : ' ';
    std::memcpy(at, next.text, next.size);
    at += next.size;
  }
  return {joined.data(), at};
}

bool statement_targets::is_table(std::size_t at) const noexcept {
  const auto names = [](sort as) {
    return as == sort::table || as == sort::owner || as == sort::query;
  };
  if (!names(parts_[at].as) || parts_[at].as == sort::query) return false;
  for (std::size_t i = 0; i < at; ++i) {
    if (names(parts_[i].as) && parts_[i].hash == parts_[at].hash) return false;
  }
  return true;
}

std::vector<std::string> statement_targets::tables() const {
  std::array<std::size_t, most_parts> found;
  std::size_t count = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (is_table(i)) found[count++] = i;
  }
  std::vector<std::string> names;
  names.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t first = found[i];
    const std::size_t end = end_of(first);
    if (end - first == 1) {
      names.emplace_back(parts_[first].text, parts_[first].size);
    } else {
      write(first, end, names.emplace_back(size_of(first, end), '.').data());
    }
  }
  return names;
}

}  // namespace querytap::detail
