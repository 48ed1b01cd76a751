#include <rag_chatbot/store/vector_bytes.hpp>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace rag_chatbot {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

std::byte byte_from(std::string_view two_digits) {
  std::uint8_t value = 0;
  const char* const end = two_digits.data() + two_digits.size();
  const auto [stop, error] = std::from_chars(two_digits.data(), end, value, 16);
  if (error != std::errc{} || stop != end || two_digits.size() != 2) {
    throw std::invalid_argument{"a stored vector is not in hexadecimal digits"};
  }
  return std::byte{value};
}

}  // namespace

std::span<const std::byte> bytes_of(const embedding& vector) {
  return std::as_bytes(std::span{vector});
}

embedding vector_from(std::span<const std::byte> bytes) {
  if (bytes.size() % sizeof(float) != 0) {
    throw std::invalid_argument{"a stored vector is no whole number of floats"};
  }
  embedding vector(bytes.size() / sizeof(float));
  if (!vector.empty()) std::memcpy(vector.data(), bytes.data(), bytes.size());
  return vector;
}

std::string hex_of(const embedding& vector) {
  std::string digits;
  digits.reserve(vector.size() * sizeof(float) * 2);
  for (const std::byte byte : bytes_of(vector)) {
    digits += hex_digits[std::to_integer<std::size_t>(byte >> 4)];
    digits += hex_digits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return digits;
}

embedding vector_from_hex(std::string_view digits) {
  std::vector<std::byte> bytes;
  bytes.reserve(digits.size() / 2);
  for (; !digits.empty(); digits.remove_prefix(std::min<std::size_t>(2, digits.size()))) {
    bytes.push_back(byte_from(digits.substr(0, 2)));
  }
  return vector_from(bytes);
}

}  // namespace rag_chatbot
