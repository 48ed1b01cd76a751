#pragma once

#include "reply_contents.hpp"

#include <querytap/base/code_location.hpp>
#include <querytap/calls/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <list>
#include <optional>

namespace querytap::redis::detail {

/// Commands that were sent together, and whose replies are not all there.
struct sent_batch {
  std::optional<operation> timing;
  const statement* identity = nullptr;  // as long as the operation lasts
  code_location site;
  std::uint32_t commands = 0;
  std::uint32_t answered = 0;
  std::uint64_t size = 0;  // what is exported; 0: one command
  bool counts_rows = false;
  bool has_failed = false;
  reply_contents contents;
};

/// The batches of a connection in the order in which they were sent, which is that of their replies.
/// Memory is kept for the next.
class sent_batches {
 public:
  [[nodiscard]] bool empty() const noexcept { return batches_.empty(); }
  [[nodiscard]] sent_batch& front() noexcept { return batches_.front(); }
  [[nodiscard]] sent_batch& back() noexcept { return batches_.back(); }
  /// Null without memory.
  [[nodiscard]] sent_batch* push() noexcept {
    try {
      if (free_.empty()) {
        batches_.emplace_back();
      } else {
        batches_.splice(batches_.end(), free_, free_.begin());
      }
      return &batches_.back();
    } catch (const std::exception&) {
      return nullptr;
    }
  }
  /// The operation has been finished.
  void pop() noexcept {
    sent_batch& done = batches_.front();
    done.timing.reset();
    done.answered = 0;
    done.has_failed = false;
    done.contents = {};
    free_.splice(free_.begin(), batches_, batches_.begin());
  }

 private:
  std::list<sent_batch> batches_;
  std::list<sent_batch> free_;  // as many as were under way at once
};

}  // namespace querytap::redis::detail
