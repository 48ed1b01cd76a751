#pragma once

#include <querytap/calls/backend.hpp>
#include <querytap/recording/recorder.hpp>

#include <absl/container/flat_hash_map.h>

#include <memory>
#include <mutex>
#include <string_view>

namespace querytap::detail {

/// What all copies of a backend share.
///
/// Threads  any number at once.
class backend_state {
 public:
  backend_state(recorder& to, const backend_options& options);

  [[nodiscard]] const statement& statement_for(std::string_view sql) noexcept;

  [[nodiscard]] recorder& to() noexcept { return recorder_; }
  [[nodiscard]] const backend_options& options() const noexcept { return options_; }
  /// Those of every series of a statement: the backend's own, and the summary.
  [[nodiscard]] attributes attributes_of(const statement_identity& identity) const;

 private:
  [[nodiscard]] const statement& find_or_add(std::string_view sql);

  recorder& recorder_;
  const backend_options options_;
  const std::uint64_t cache_owner_;
  const statement others_;

  std::mutex mutex_;
  absl::flat_hash_map<std::uint64_t, std::unique_ptr<const statement>> by_fingerprint_;
};

}  // namespace querytap::detail
