#pragma once

#include "reply_contents.hpp"

#include <querytap/base/code_location.hpp>
#include <querytap/calls/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
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
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] sent_batch& front() noexcept { return batches_.front(); }
  [[nodiscard]] sent_batch& back() noexcept { return *last_; }
  /// Null without memory.
  [[nodiscard]] sent_batch* push() noexcept {
    try {
      if (count_ == batches_.size()) batches_.emplace_back();
      last_ = count_ == 0 ? batches_.begin() : std::next(last_);
      ++count_;
      return &*last_;
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
    // Mostly it is the only one, and stays where it is.
    if (--count_ != 0) batches_.splice(batches_.end(), batches_, batches_.begin());
  }

 private:
  std::list<sent_batch> batches_;  // the first `count_` are under way
  std::list<sent_batch>::iterator last_;
  std::size_t count_ = 0;
};

}  // namespace querytap::redis::detail
