#pragma once

#include <querytap/calls/models/call_cost.hpp>
#include <querytap/calls/models/token_usage.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace querytap {
class budget;
}  // namespace querytap

namespace querytap::llm {

struct rerank_request {
  std::string model = {};
  std::string query = {};
  std::vector<std::string> documents = {};
  std::uint32_t most = 0;  ///< best documents that are wanted; 0: all of them
  const budget* paid_by = nullptr;
};

struct ranked_document {
  std::size_t index = 0;  ///< among the documents of the request
  double score = 0;
};

struct ranking {
  std::vector<ranked_document> documents = {};  ///< the best first
  std::string model = {};
  token_usage usage = {};
  call_cost cost = {};
};

}  // namespace querytap::llm
