#include "lease_record.hpp"

#include "../base/utf8.hpp"

#include <cstring>
#include <tuple>

namespace querytap::detail {
namespace {

// More than a record is written while a reader reads it once.
constexpr int most_tries = 100;

}  // namespace

void lease_record::store_request(std::string_view request, request_name& name) noexcept {
  std::array<std::uint64_t, std::tuple_size_v<request_name>> words{};
  const std::string_view shown = utf8_prefix(request, sizeof words - 1);
  shown.copy(reinterpret_cast<char*>(words.data()), shown.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    name[i].store(words[i], std::memory_order_release);
  }
}

lease_record::content lease_record::read(const request_name& name) const {
  for (int i = 0; i < most_tries; ++i) {
    const std::uint64_t number = number_.load(std::memory_order_acquire);
    if (number == 0) return {};
    content lease = read_once(name);
    lease.number = number;
    if (number_.load(std::memory_order_relaxed) == number) return lease;
  }
  return {};
}

lease_record::content lease_record::read_once(const request_name& name) const {
  content lease{.begin = begin_.load(std::memory_order_acquire),
                .site = code_location::at(site_.load(std::memory_order_acquire)),
                .server_pid = server_pid_.load(std::memory_order_acquire),
                .thread = thread_.load(std::memory_order_acquire)};
  if (has_request_.load(std::memory_order_acquire) == 0) return lease;
  std::array<std::uint64_t, std::tuple_size_v<request_name>> words{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = name[i].load(std::memory_order_acquire);
  }
  std::array<char, sizeof words + 1> bytes{};  // ends with a 0 also if this was read amid a write
  std::memcpy(bytes.data(), words.data(), sizeof words);
  lease.request = bytes.data();
  return lease;
}

}  // namespace querytap::detail
