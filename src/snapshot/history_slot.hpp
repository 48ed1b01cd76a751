#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace querytap::detail {

/// Sums of points by what they are counted for, in the order of their first parts.
///
/// Threads  a plain value.
class point_sums {
 public:
  struct entry {
    point sum;  // without its histogram
    std::optional<histogram_data> histogram;
    bool has_ended = false;  // the rest of series that were retired
  };

  /// The entry of these counts; new ones are empty.
  [[nodiscard]] entry& at(const std::shared_ptr<const series_identity>& series,
                          const std::shared_ptr<const statement_identity>& statement,
                          bool has_ended);
  /// Adds the histograms and counters of a difference.
  void add(const snapshot& difference);

  [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }
  /// As a snapshot has them.
  [[nodiscard]] static point point_of(const entry& entry);

 private:
  struct key {
    const series_identity* series;
    const statement_identity* statement;
    bool has_ended;

    friend bool operator==(const key&, const key&) = default;
    template <class Hash>  // NOLINTNEXTLINE(readability-identifier-naming): Abseil's name
    friend Hash AbslHashValue(Hash hash, const key& k) {
      return Hash::combine(std::move(hash), k.series, k.statement, k.has_ended);
    }
  };

  void add(const point& part, bool has_ended);

  std::vector<entry> entries_;
  absl::flat_hash_map<key, std::size_t> place_of_;
};

/// The histograms and counters of one step of a history, packed: of a histogram its sum, its range and
/// the buckets that were hit, each as a number of as few bytes as it needs.
///
/// Threads  immutable once made.
class history_slot {
 public:
  /// `earlier`: the step before, if there is one. The names of its series are in its bytes().
  history_slot(std::chrono::nanoseconds begin, std::chrono::nanoseconds end, const point_sums& sums,
               const history_slot* earlier);
  /// Both in one.
  [[nodiscard]] static std::shared_ptr<const history_slot> merged(const history_slot& earlier,
                                                                  const history_slot& later);

  /// In the recorder's time.
  [[nodiscard]] std::chrono::nanoseconds begin() const noexcept { return begin_; }
  [[nodiscard]] std::chrono::nanoseconds end() const noexcept { return end_; }
  /// With the texts that name series: they may have been retired everywhere else.
  [[nodiscard]] std::size_t bytes() const noexcept;

  void add_to(point_sums& sums) const;
  /// The histograms of one statement alone.
  void add_statement_to(point_sums& sums, std::uint64_t fingerprint) const;

 private:
  struct entry {
    std::shared_ptr<const series_identity> series;
    std::shared_ptr<const statement_identity> statement;
    std::shared_ptr<const bucket_layout> layout;  // null for counters
    bool has_ended;
    std::uint32_t place;  // in packed_
  };

  history_slot(std::chrono::nanoseconds begin, std::chrono::nanoseconds end,
               const point_sums& sums);

  std::chrono::nanoseconds begin_;
  std::chrono::nanoseconds end_;
  std::vector<entry> entries_;
  std::vector<std::uint8_t> packed_;  // one number behind the other, in the order of the entries
  std::size_t bytes_of_names_ = 0;
};

}  // namespace querytap::detail
