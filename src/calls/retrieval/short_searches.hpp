#pragma once

#include "under_returns.hpp"

#include <querytap/recording/counter.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <array>

namespace querytap::detail {

/// The searches of a collection that returned fewer results than asked for, by the reason: a series each.
///
/// Threads  any number at once.
class short_searches {
 public:
  short_searches(recorder& recorder, const attributes& source) : short_searches{recorder} {
    for (std::size_t i = 0; i < under_return_reasons; ++i) {
      attributes labels = source;
      labels.set({"querytap.reason", name_of_reason(static_cast<under_return_reason>(i))});
      bound_[i] = recorder.bind_counter(catalog::retrieval_under_return, labels);
    }
  }
  short_searches(const short_searches&) = delete;
  short_searches& operator=(const short_searches&) = delete;
  ~short_searches() {
    for (const counter& bound : bound_) recorder_.release(bound);
  }

  void count(under_return_reason reason) const noexcept {
    bound_[static_cast<std::size_t>(reason)].add();
  }

 private:
  // A constructor of its own, so that what is bound is released also where the next one throws.
  explicit short_searches(recorder& recorder) noexcept : recorder_{recorder} {}

  recorder& recorder_;
  std::array<counter, under_return_reasons> bound_;
};

}  // namespace querytap::detail
