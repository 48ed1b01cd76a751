#pragma once

#include <rag_chatbot/retrieval/embedder.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace rag_chatbot {

/// A vector as a database stores it: 32-bit floats one after the other, in the byte order of this
/// machine.
[[nodiscard]] std::span<const std::byte> bytes_of(const embedding& vector);
/// Throws std::invalid_argument if the bytes are not a whole number of floats.
[[nodiscard]] embedding vector_from(std::span<const std::byte> bytes);

/// The same in hexadecimal digits, for a client that passes values as text.
[[nodiscard]] std::string hex_of(const embedding& vector);
[[nodiscard]] embedding vector_from_hex(std::string_view digits);

}  // namespace rag_chatbot
