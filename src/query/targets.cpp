#include "targets.hpp"

#include <cstring>

namespace querytap::detail {

std::size_t targets::end_of(std::size_t first) const noexcept {
  do {
    ++first;
  } while (first < count_ && parts_[first].as == sort::rest);
  return first;
}

std::size_t targets::size_of(std::size_t first, std::size_t end) const noexcept {
  std::size_t size = end - first - 1;  // the dots
  for (std::size_t i = first; i < end; ++i) size += parts_[i].size;
  return size;
}

char* targets::write(std::size_t first, std::size_t end, char* to) const noexcept {
  for (std::size_t i = first; i < end; ++i) {
    if (i != first) *to++ = '.';
    std::memcpy(to, parts_[i].text, parts_[i].size);
    to += parts_[i].size;
  }
  return to;
}

std::string targets::text() const {
  std::size_t size = 0;
  std::size_t last = 0;  // of what is short enough
  for (std::size_t i = 0, end = 0; i < count_; i = end) {
    end = end_of(i);
    if (!is_named(parts_[i].as)) continue;
    const std::size_t more = size_of(i, end) + (size == 0 ? 0 : 1);
    if (more > longest_text - size) break;
    size += more;
    last = end;
  }
  std::string joined(size, ' ');
  char* to = joined.data();
  for (std::size_t i = 0, end = 0; i < last; i = end) {
    end = end_of(i);
    if (!is_named(parts_[i].as)) continue;
    if (to != joined.data()) ++to;  // over the blank
    to = write(i, end, to);
  }
  return joined;
}

bool targets::is_table(std::size_t at) const noexcept {
  const auto names = [](sort as) {
    return as == sort::table || as == sort::owner || as == sort::query;
  };
  if (!names(parts_[at].as) || parts_[at].as == sort::query) return false;
  for (std::size_t i = 0; i < at; ++i) {
    if (names(parts_[i].as) && parts_[i].hash == parts_[at].hash) return false;
  }
  return true;
}

std::vector<std::string> targets::tables() const {
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
