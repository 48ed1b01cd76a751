#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/recording/counter.hpp>
#include <querytap/recording/histogram.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace querytap {

class recorder;

namespace detail {
class collection_state;
}

/// Where results come from: the attributes of the metrics of retrieval. What is empty is not exported.
struct retrieval_source {
  std::string system = {};      ///< `db.system.name`
  std::string collection = {};  ///< `db.collection.name`
  std::string strategy = {};    ///< `querytap.strategy`: "vector", "keyword", …
};

/// One search, as far as its quality shows without labels. Nothing of it is kept but hashes.
struct retrieval_outcome {
  std::uint64_t asked = 0;     ///< k
  std::uint64_t returned = 0;  ///< how many results there were
  /// Of the results, in their order, or scores; what is no number is left out.
  std::span<const double> distances = {};
  /// A hash of each result's text or id, by parameter_digest: for duplicates and stability.
  std::span<const std::uint64_t> passages = {};
  std::uint64_t question = 0;  ///< a hash of the question; 0: its results are not compared
  std::optional<std::chrono::nanoseconds> newest = {};  ///< age of the newest source
};

/// Measures the quality of every search that is live: how many results there are, how far the first is
/// ahead, how many repeat each other, how old they are, and whether a question asked again gets the
/// same ones.
///
///     const retrieval_quality quality{recorder, {.system = "chroma", .collection = "pages"}};
///     quality.record({.asked = 10, .returned = ids.size(), .distances = distances});
///
/// Exports `querytap.retrieval.*`. A distance below 0, as of an inner product, counts as 0. The first
/// 128 passages are looked at. Of the last 256 questions the first 32 passages are remembered.
///
/// Threads  any number at once. Of two threads that answer one question at the same moment, one is
///          not compared.
/// Cost     below 1 µs for ten results; bench/calls/retrieval_bench.cpp. No lock, no allocation.
/// Errors   at construction as recorder::bind_histogram(); then none.
/// Lifetime the recorder outlives it; its series last as long as it does, and
///          then until nobody can have missed their last values (recorder_options::retire_idle_after).
///          Some 40 KiB: one for each source, not one for each search.
class retrieval_quality {
 public:
  retrieval_quality(recorder& telemetry, const retrieval_source& source);
  retrieval_quality(retrieval_quality&&) noexcept;
  retrieval_quality& operator=(retrieval_quality&&) noexcept;
  ~retrieval_quality();

  void record(const retrieval_outcome& search) const noexcept;

 private:
  friend class detail::collection_state;
  class remembered_questions;

  explicit retrieval_quality(recorder& telemetry);
  void record_distances(std::span<const double> distances) const noexcept;
  void release() const noexcept;

  struct bound_series {
    histogram asked;
    histogram returned;
    counter empty;
    histogram distance;
    histogram margin;
    counter duplicates;
    histogram age;
    histogram stability;
  };

  recorder* recorder_;
  bound_series series_;
  std::unique_ptr<remembered_questions> questions_;
};

}  // namespace querytap
