#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/snapshot/source_report.hpp>

#include <utility>
#include <vector>

namespace querytap {

class recorder;

namespace detail {

/// What servers, the host and the process have said of themselves, by whoever asks them; and their
/// numbers, which it adds to the metrics of each snapshot.
///
/// Threads  any.
/// Cost     a snapshot copies a pointer for each instrument.
class source_board final : public recorder_part {
 public:
  using reports = std::vector<std::shared_ptr<const source_report>>;

  explicit source_board(recorder& recorder) : recorder_{recorder} {}

  /// Replaces what this owner has published before.
  void publish(const void* owner, reports current);
  void withdraw(const void* owner) noexcept;

  void release_idle(const series_usage& /*usage*/) override {}
  void add_to(snapshot& snapshot) override;
  void start_from_zero() noexcept override;

 private:
  recorder& recorder_;
  std::vector<std::pair<const void*, reports>> by_owner_;  // under a parts_lock
};

}  // namespace detail
}  // namespace querytap
