#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace querytap::detail {

/// Splits the series of a summary into those of its statements, which have the label
/// `querytap_statement`, and adds `querytap_statement_info` with the text of each. As many as
/// statements have series of their own: what is past the series limit, or was retired, has no
/// statement.
///
///     statements.split(snapshot);
///
/// Threads  one at a time, with one snapshot after another.
class statement_series {
 public:
  void split(snapshot& snapshot);

 private:
  using time_point = std::chrono::system_clock::time_point;
  using series_key = std::pair<const series_identity*, const statement_identity*>;

  struct split_identity {
    // Own the addresses of the key.
    std::shared_ptr<const series_identity> summary;
    std::shared_ptr<const statement_identity> statement;
    std::shared_ptr<const series_identity> identity;
    std::uint64_t last_split;
  };
  struct text_identity {
    std::shared_ptr<const series_identity> identity;
    std::uint64_t last_split;
  };

  [[nodiscard]] std::shared_ptr<const metric> split_metric(const metric& whole);
  [[nodiscard]] const std::shared_ptr<const series_identity>& identity_of(const point& part);
  void mention(const statement_identity& statement);
  void evict_unused();
  [[nodiscard]] std::shared_ptr<const metric> texts() const;

  std::uint64_t split_ = 0;    // the number of the snapshot
  time_point last_time_ = {};  // of the snapshot before
  absl::flat_hash_map<series_key, split_identity> series_;
  std::map<std::uint64_t, text_identity> texts_;  // by fingerprint
};

}  // namespace querytap::detail
