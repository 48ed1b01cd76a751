#pragma once

#include <querytap/recording/lane.hpp>
#include <querytap/snapshot/bucket_layout.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace querytap::detail {

class registry;

/// What a handle points to; made by the recorder, and alive as long as it.
struct series {
  std::uint64_t recorder_id = 0;  // first: the hot path compares it with the lane's owner
  lane_directory::position position;
  std::uint32_t index = 0;
  const bucket_layout* layout = nullptr;
  registry* home = nullptr;
  series* overflow = nullptr;  // where its records go if there is no memory for a cell of its own
  std::shared_ptr<const bucket_layout> shared_layout;  // keeps *layout
  std::shared_ptr<const series_identity> identity;
  std::shared_ptr<const statement_identity> statement;
  // ORDER relaxed: a gauge is one number, and nothing else is published with it.
  std::atomic<std::int64_t> gauge{0};
};

/// What a handle that was never bound points to. No lane belongs to recorder 0.
extern series no_series;

void record_slow(series& to, std::uint64_t value) noexcept;
void add_slow(series& to, std::uint64_t amount) noexcept;

}  // namespace querytap::detail
