#include "command_pattern.hpp"

#include <querytap/calls/detail/folded_product.hpp>

#include <algorithm>
#include <exception>

namespace querytap::mongodb::detail {
namespace {

using querytap::detail::folded_product;
using querytap::detail::word_at;

constexpr std::size_t size_of_size = sizeof(std::int32_t);

// Sizes are small: a call would cost more than the comparison.
bool are_equal(const char* a, const char* b, std::size_t size) noexcept {
  for (; size >= 8; size -= 8, a += 8, b += 8) {
    if (word_at(a) != word_at(b)) return false;
  }
  for (; size != 0; --size, ++a, ++b) {
    if (*a != *b) return false;
  }
  return true;
}

std::size_t size_at(const char* bytes) noexcept {
  std::uint32_t size;
  std::memcpy(&size, bytes, sizeof size);
  return size;
}

}  // namespace

std::unique_ptr<const command_pattern> command_pattern::make(std::string_view command,
                                                             const command_shape& shape) {
  if (shape.gaps().empty() || size_at(command.data()) != command.size()) return nullptr;
  std::unique_ptr<command_pattern> made{new command_pattern};
  std::size_t at = 0;
  for (const command_gap& gap : shape.gaps()) {
    if (!made->add_common(command.substr(at, gap.begin - at))) return nullptr;
    made->add_gap(gap, command);
    at = gap.begin + gap.size;
  }
  if (!made->add_common(command.substr(at))) return nullptr;
  made->facts_ = shape.facts();
  made->text_ = shape.text();
  return made;
}

bool command_pattern::add_common(std::string_view bytes) noexcept {
  if (bytes.size() > common_.size() - common_size_) return false;
  bytes.copy(common_.data() + common_size_, bytes.size());
  common_size_ += static_cast<std::uint32_t>(bytes.size());
  steps_[count_of_steps_].common = static_cast<std::uint16_t>(bytes.size());
  return true;
}

// Behind the common bytes that were added last.
void command_pattern::add_gap(const command_gap& gap, std::string_view command) noexcept {
  const bool is_fixed = gap.content == command_gap::kind::fixed;
  step& last = steps_[count_of_steps_++];
  last.gap = static_cast<std::uint8_t>(is_fixed ? gap.size
                                                : gap.size - size_at(command.data() + gap.begin));
  last.content = gap.content;
}

bool command_pattern::matches(std::string_view command, std::uint64_t& batch_size) const noexcept {
  const char* common = common_.data();
  std::uint64_t count = facts_.batch_size;
  for (std::uint32_t i = 0; i < count_of_steps_; ++i) {
    const step each = steps_[i];
    if (command.size() < each.common + size_of_size) return false;
    if (!are_equal(command.data(), common, each.common)) return false;
    common += each.common;
    command.remove_prefix(each.common);
    std::size_t size = each.gap;
    if (each.content != command_gap::kind::fixed) size += size_at(command.data());
    if (size > command.size()) return false;
    const std::string_view gap = command.substr(0, size);
    if (each.content == command_gap::kind::documents) count = count_elements(gap);
    if (each.content == command_gap::kind::scalars && !holds_only_scalars(gap)) return false;
    command.remove_prefix(size);
  }
  const auto left = static_cast<std::size_t>(common_.data() + common_size_ - common);
  if (command.size() != left || !are_equal(command.data(), common, left)) return false;
  batch_size = count;
  return true;
}

known_commands::~known_commands() {
  for (bucket& places : buckets_) {
    for (const auto& pattern : places) delete pattern.load(std::memory_order_relaxed);
  }
}

// Of its name and collection.
std::size_t known_commands::bucket_of(std::string_view command) noexcept {
  constexpr std::size_t most_hashed = 64;
  if (command.size() <= size_of_size) return 0;
  const char* at = command.data() + size_of_size;
  const bool is_text = static_cast<bson_type>(*at) == bson_type::text;
  const char* const end = command.data() + command.size();
  const char* named = end_of_key(at + 1, end);
  const auto left = static_cast<std::size_t>(end - named);
  constexpr std::size_t before_text = 1 + size_of_size;
  if (is_text && left > before_text) {
    named += before_text + std::min({size_at(named + 1), left - before_text, most_hashed});
  }
  std::uint64_t hash = 0xD6E8FEB86659FD93;
  for (; named - at >= 8; at += 8) hash = folded_product(hash ^ word_at(at), 0x9E3779B97F4A7C15);
  for (; at < named; ++at) hash = (hash << 8 | hash >> 56) ^ static_cast<unsigned char>(*at);
  return folded_product(hash, 0x9E3779B97F4A7C15) % count_of_buckets;
}

const command_pattern* known_commands::find(std::string_view command,
                                            std::uint64_t& batch_size) const noexcept {
  for (const auto& each : buckets_[bucket_of(command)]) {
    const command_pattern* const pattern = each.load(std::memory_order_acquire);
    if (pattern == nullptr) return nullptr;
    if (pattern->matches(command, batch_size)) return pattern;
  }
  return nullptr;
}

void known_commands::add(std::string_view command, const command_shape& shape) noexcept try {
  bucket& places = buckets_[bucket_of(command)];
  if (places.back().load(std::memory_order_relaxed) != nullptr) return;
  std::unique_ptr<const command_pattern> made = command_pattern::make(command, shape);
  if (!made) return;
  for (auto& each : places) {
    const command_pattern* expected = nullptr;
    if (each.compare_exchange_strong(expected, made.get(), std::memory_order_release,
                                     std::memory_order_relaxed)) {
      static_cast<void>(made.release());
      return;
    }
  }
} catch (const std::exception&) {
  return;  // no memory: it is read anew the next time
}

}  // namespace querytap::mongodb::detail
