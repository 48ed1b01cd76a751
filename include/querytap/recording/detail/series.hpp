#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/recording/detail/lane.hpp>
#include <querytap/snapshot/bucket_layout.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace querytap {

struct series_identity;
struct statement_identity;

namespace detail {

class registry;
struct shared_cell;

/// The target of a handle; alive as long as the recorder. A series that is idle and has no binding
/// is retired, and its object may be used for another series.
struct series {
  std::uint64_t recorder_id = 0;  // first: the hot path compares it with the owner of the lane
  lane_directory::position position;
  std::uint32_t index = 0;
  // Guarded by the mutex of the registry. A handle bound by the application is never released.
  std::uint32_t bindings = 0;
  const bucket_layout* layout = nullptr;
  registry* home = nullptr;
  series* overflow = nullptr;  // takes the records if there is no memory for a cell of its own
  // Of the lanes without a cell of their own for this series; null while there is none.
  // ORDER published with release, loaded with acquire.
  std::atomic<shared_cell*> shared{nullptr};
  // Another series that counts what this one records as well, once it is collected; mostly null.
  const series* total = nullptr;
  std::shared_ptr<const bucket_layout> shared_layout;  // owns *layout
  std::shared_ptr<const series_identity> identity;
  std::shared_ptr<const statement_identity> statement;
  std::string key;  // by which another binding finds it
  // Of a gauge, its value; of an up-down counter, what it showed in the parent before a fork.
  // ORDER relaxed: it is one number, and nothing else is published with it.
  std::atomic<std::int64_t> state{0};
};

/// The target of a handle that was never bound. No lane belongs to recorder 0.
extern series no_series;

void record_slow(series& series, std::uint64_t value) noexcept;
void add_slow(series& series, std::uint64_t amount) noexcept;
/// What a counter adds for an amount that is larger than it takes, which is counted.
[[nodiscard]] std::uint64_t clamped(const series& series) noexcept;

/// No sum of such amounts passes 64 bits unseen between two collections.
inline constexpr std::uint64_t most_added = std::uint64_t{1} << 48;

}  // namespace detail
}  // namespace querytap
