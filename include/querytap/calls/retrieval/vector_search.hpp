#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/calls/operation.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <span>
#include <utility>

namespace querytap {

namespace detail {
class collection_state;
class under_return_entry;
}  // namespace detail

/// Times one search of a vector store: made by a vector_collection.
///
///     auto search = pages.search({.k = 10, .filter = {"lang"}, .metric = "cosine"});
///     const auto found = client.search(vector, 10, filter);
///     search.returned(found.size(), distances);
///     search.explain([&] { return client.count(filter); });       // rarely called
///
/// Fewer results than asked for have a reason. A search with a threshold of distances has one already.
/// For any other explain() asks how many records there are to be found, exactly: fewer than asked for, or
/// as many, so that the index did not look far enough, which is a finding. It asks for the first search
/// of a filter, and then as `count_interval` allows, and never takes more than a hundredth of the time
/// that has passed. Searches in between count under the reason found last.
///
/// Threads  one at a time.
/// Cost     as operation and retrieval_quality; bench/calls/retrieval_bench.cpp.
/// Errors   none; an exception that leaves the scope is counted as an error. What the function given to
///          explain() throws is swallowed: the reason is not known then.
/// Lifetime the collection outlives it.
class vector_search {
 public:
  vector_search(vector_search&& other) noexcept
      : operation_{std::move(other.operation_)},
        collection_{other.collection_},
        entry_{other.entry_},
        statement_{other.statement_},
        site_{other.site_},
        k_{other.k_},
        vectors_{other.vectors_},
        returned_{other.returned_},
        has_threshold_{other.has_threshold_},
        searched_{std::move(other.searched_)} {}
  ~vector_search() {
    // Where an exception passes, the operation's own destructor makes it a failure.
    if (std::uncaught_exceptions() <= exceptions_) finish();
  }

  /// The results of one vector. Distances in their order, the nearest first: of scores, `1 - score`. What is
  /// no number is left out. `passages`: a hash of each result, see retrieval_outcome.
  void returned(std::uint64_t count, std::span<const double> distances = {},
                std::span<const std::uint64_t> passages = {}) noexcept;
  void failed(const outcome& failure) noexcept { operation_.fail(failure); }

  /// Stops the clock, and asks `count` how many records the filter leaves where it is time to: after
  /// returned().
  template <std::invocable Count>
  void explain(const Count& count) noexcept {
    stop_clock();
    if (searched_ == nullptr || !begin_count()) return;
    try {
      end_count(true, static_cast<std::uint64_t>(count()));
    } catch (...) {
      end_count(false, 0);
    }
  }
  void finish() noexcept;

  [[nodiscard]] operation& timed() noexcept { return operation_; }

 private:
  friend class vector_collection;
  vector_search(detail::collection_state& collection, detail::under_return_entry* entry,
                const statement& statement, std::uint64_t k, std::uint64_t vectors,
                bool has_threshold, code_location site) noexcept;

  void stop_clock() noexcept;
  void note_short(std::uint64_t count) noexcept;
  [[nodiscard]] bool begin_count() noexcept;
  void end_count(bool is_known, std::uint64_t count) noexcept;

  operation operation_;
  detail::collection_state* collection_;
  detail::under_return_entry* entry_;  // of the filter; null past the limit of filters
  const statement* statement_;         // while the clock runs
  code_location site_;
  std::uint64_t k_;
  std::uint64_t vectors_;
  std::uint64_t returned_ = 0;  // for all vectors
  std::uint64_t count_begin_ = 0;
  int exceptions_ = std::uncaught_exceptions();
  bool has_threshold_;
  // Of a search that returned too few results, until the reason is counted; else null.
  std::shared_ptr<const statement_identity> searched_ = nullptr;
};

}  // namespace querytap
