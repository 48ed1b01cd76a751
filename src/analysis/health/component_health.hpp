#pragma once

#include <querytap/snapshot/health_report.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace querytap::detail {

/// The worse the larger: a component of which nothing can be found out is not known to be well.
[[nodiscard]] constexpr int health_rank(health_status status) noexcept {
  switch (status) {
    case health_status::pass: return 0;
    case health_status::unknown: return 1;
    case health_status::warn: return 2;
    case health_status::fail: break;
  }
  return 3;
}

/// How many answers in a row change a status.
struct health_rules {
  unsigned failures = 3;   ///< for the worse
  unsigned successes = 2;  ///< for the better
};

/// A status that changed, or began to flap.
struct health_change {
  health_status before = health_status::unknown;
  health_status after = health_status::unknown;
  bool begins_to_flap = false;
  bool is_news = true;                ///< false: one of the changes to be expected of what flaps
  std::chrono::nanoseconds lasted{};  ///< how long it was what it was before
};

/// The status of one component, by the answers of its probes. The first answer is its status; from then on as many
/// answers in a row change it as the rules say.
///
/// A component that fails and succeeds by turns has no status that would be true for long: from five changes among
/// the last twenty answers on it is `warn`, whatever the latest answer, until at most two are left. Only twice as many
/// failures in a row as the rules say, or three quarters of all answers, make it `fail` meanwhile, until twice as many
/// successes in a row.
///
/// Threads  one.
class component_health {
 public:
  using time_point = std::chrono::system_clock::time_point;

  explicit component_health(const health_rules& rules) : rules_{rules} {}

  /// The change that the answer brings about, if any.
  std::optional<health_change> take(health_status answered, time_point time);

  [[nodiscard]] health_status status() const noexcept { return status_; }
  [[nodiscard]] time_point since() const noexcept { return since_; }
  [[nodiscard]] bool is_flapping() const noexcept { return is_flapping_; }
  /// True if the latest answer is another one than the status: further answers decide.
  [[nodiscard]] bool is_undecided() const noexcept;
  /// Of the answers that are remembered.
  [[nodiscard]] std::size_t answers() const noexcept { return answers_.size(); }
  [[nodiscard]] std::size_t bad_answers() const noexcept;

 private:
  /// Whether answers are at least so bad, by rule.
  struct held_level {
    [[nodiscard]] bool includes(health_status answered) const noexcept {
      return health_rank(answered) >= health_rank(status);
    }

    health_status status;
    bool is_reached = false;
    unsigned worse_in_row = 0;
    unsigned better_in_row = 0;
  };

  void update(held_level& level, health_status answered) const;
  [[nodiscard]] std::size_t changes() const noexcept;
  [[nodiscard]] std::size_t changes_at(const held_level& level) const noexcept;
  [[nodiscard]] health_status status_while_flapping() noexcept;
  [[nodiscard]] health_status status_by_levels() const noexcept;

  health_rules rules_;
  health_status status_ = health_status::unknown;
  time_point since_ = {};
  std::array<held_level, 3> levels_{
      {{health_status::unknown}, {health_status::warn}, {health_status::fail}}};
  std::deque<health_status> answers_;  // the latest last
  bool is_flapping_ = false;
  bool is_down_ = false;        // while it flaps
  bool has_been_down_ = false;  // since it flaps
};

}  // namespace querytap::detail
