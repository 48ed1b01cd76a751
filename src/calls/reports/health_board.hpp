#pragma once

#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/snapshot/health_report.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace querytap {

class recorder;

namespace detail {

/// What is known of the health of a recorder's components, by whoever looks after them.
///
/// Threads  any.
/// Cost     all(): a lock and a copy of the reports; nothing is asked, and nothing is collected.
class health_board final : public recorder_part {
 public:
  explicit health_board(recorder& recorder) : recorder_{recorder} {}

  /// Keeps the name of a component for its owner, in the child of a fork too. False if it has one already.
  [[nodiscard]] bool claim(const void* owner, const std::string& component);
  void release(const void* owner) noexcept;

  /// Replaces what this owner has published before. If nothing is published for so long, nothing is known any more:
  /// whoever looks after the components has stopped doing so. A process that had been found dead by then stays so.
  void publish(const void* owner, std::vector<health_report> reports,
               std::chrono::nanoseconds valid_for = std::chrono::nanoseconds::max());
  void withdraw(const void* owner) noexcept;
  /// The process is about to end, and should get no requests any more, whoever looks after its components till then.
  void drain() noexcept;

  struct state {
    std::vector<health_report> reports = {};
    bool is_draining = false;
  };
  [[nodiscard]] state all() const;
  [[nodiscard]] std::vector<health_report> published_by(const void* owner) const;

  void release_idle(const series_usage& /*usage*/) override {}
  void add_to(snapshot& snapshot) override;
  void start_from_zero() noexcept override;

 private:
  recorder& recorder_;
  // Under a parts_lock:
  struct published {
    const void* owner;
    std::vector<health_report> reports;
    std::uint64_t ticks;  // when they were published
    std::chrono::nanoseconds valid_for;
  };

  [[nodiscard]] bool is_outdated(const published& all_of_owner) const;
  [[nodiscard]] std::vector<health_report> known(const published& all_of_owner) const;

  std::vector<published> by_owner_;
  std::map<std::string, const void*> owner_of_;  // by component
  bool is_draining_ = false;
};

}  // namespace detail
}  // namespace querytap
