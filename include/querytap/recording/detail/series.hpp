#pragma once

#include <querytap/recording/detail/lane.hpp>
#include <querytap/snapshot/bucket_layout.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace querytap::detail {

class registry;

/// What a handle points to; alive as long as the recorder. Once nobody holds it and it is idle, it is
/// retired, and may become another series.
struct series {
  std::uint64_t recorder_id = 0;  // first: the hot path compares it with the lane's owner
  lane_directory::position position;
  std::uint32_t index = 0;
  std::uint32_t holders =
      0;  // guarded by the registry; a handle bound by the application stays one
  const bucket_layout* layout = nullptr;
  registry* home = nullptr;
  series* overflow = nullptr;  // where its records go if there is no memory for a cell of its own
  std::shared_ptr<const bucket_layout> shared_layout;  // keeps *layout
  std::shared_ptr<const series_identity> identity;
  std::shared_ptr<const statement_identity> statement;
  std::string key;  // what it is found by when it is bound again
  // ORDER relaxed: a gauge is one number, and nothing else is published with it.
  std::atomic<std::int64_t> gauge{0};
};

/// What a handle that was never bound points to. No lane belongs to recorder 0.
extern series no_series;

void record_slow(series& to, std::uint64_t value) noexcept;
void add_slow(series& to, std::uint64_t amount) noexcept;

}  // namespace querytap::detail
