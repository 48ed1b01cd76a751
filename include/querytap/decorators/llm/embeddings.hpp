#pragma once

#include <querytap/calls/models/call_cost.hpp>
#include <querytap/calls/models/token_usage.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace querytap {
class budget;
}  // namespace querytap

namespace querytap::llm {

/// How the vectors are sent: base64 takes a quarter of the bytes. A server that does not know it answers with
/// numbers, which are read all the same.
enum class vector_encoding : std::uint8_t { base64, numbers };

struct embedding_request {
  std::string model = {};
  std::vector<std::string> inputs = {};
  std::uint32_t dimensions = 0;  ///< 0: those of the model
  vector_encoding encoding = vector_encoding::base64;
  const budget* paid_by = nullptr;
};

struct embeddings {
  std::vector<std::vector<float>> vectors = {};  ///< in the order of the inputs, all of one size
  std::string model = {};
  token_usage usage = {};
  call_cost cost = {};
};

}  // namespace querytap::llm
