#pragma once

#include <querytap/base/human.hpp>

#include <chrono>
#include <string>

namespace rag_chatbot {

/// Measures the time since its construction.
class stopwatch {
 public:
  [[nodiscard]] std::string elapsed() const {
    return querytap::human_duration(std::chrono::steady_clock::now() - start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace rag_chatbot
