#include "component_health.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

constexpr std::size_t most_answers = 20;
constexpr std::size_t changes_to_flap = 5;
constexpr std::size_t changes_to_settle = 2;

}  // namespace

std::optional<health_change> component_health::take(health_status answered, time_point time) {
  const bool is_first = answers_.empty();
  answers_.push_back(answered);
  if (answers_.size() > most_answers) answers_.pop_front();
  for (held_level& level : levels_) {
    update(level, answered);
    if (is_first) level.is_reached = level.includes(answered);
  }
  const bool was_flapping = is_flapping_;
  is_flapping_ = changes() >= (was_flapping ? changes_to_settle + 1 : changes_to_flap);
  const health_status before = status_;
  if (!is_flapping_) is_down_ = has_been_down_ = false;
  status_ = is_flapping_ ? status_while_flapping() : status_by_levels();
  const bool begins_to_flap = is_flapping_ && !was_flapping;
  if (status_ == before && !begins_to_flap) return std::nullopt;
  health_change change{.before = before, .after = status_, .begins_to_flap = begins_to_flap};
  if (!is_first)
    change.lasted = std::max(std::chrono::nanoseconds{0}, std::chrono::nanoseconds{time - since_});
  if (status_ != before) since_ = time;
  if (is_flapping_ && !begins_to_flap) {
    change.is_news = status_ == health_status::fail && !has_been_down_;
    has_been_down_ = has_been_down_ || is_down_;
  }
  return change;
}

void component_health::update(held_level& level, health_status answered) const {
  if (level.includes(answered)) {
    ++level.worse_in_row;
    level.better_in_row = 0;
    if (level.worse_in_row >= rules_.failures) level.is_reached = true;
  } else {
    ++level.better_in_row;
    level.worse_in_row = 0;
    if (level.better_in_row >= rules_.successes) level.is_reached = false;
  }
}

health_status component_health::status_while_flapping() noexcept {
  const held_level& failure = levels_.back();
  const auto failed = static_cast<std::size_t>(std::ranges::count(answers_, health_status::fail));
  if (failure.worse_in_row >= 2 * rules_.failures || failed * 4 >= answers_.size() * 3) {
    is_down_ = true;
  } else if (failure.better_in_row >= 2 * rules_.successes) {
    is_down_ = false;
  }
  return is_down_ ? health_status::fail : health_status::warn;
}

health_status component_health::status_by_levels() const noexcept {
  health_status worst = health_status::pass;
  for (const held_level& level : levels_) {
    if (level.is_reached) worst = level.status;
  }
  return worst;
}

bool component_health::is_undecided() const noexcept {
  if (answers_.empty()) return false;
  return is_flapping_ ? health_rank(answers_.back()) > health_rank(status_)
                      : answers_.back() != status_;
}

std::size_t component_health::bad_answers() const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      answers_, [](health_status answered) { return answered != health_status::pass; }));
}

// From better than a level to that bad, or back, at the level where it happens most.
std::size_t component_health::changes() const noexcept {
  std::size_t most = 0;
  for (const held_level& level : levels_) most = std::max(most, changes_at(level));
  return most;
}

std::size_t component_health::changes_at(const held_level& level) const noexcept {
  std::size_t count = 0;
  for (std::size_t i = 1; i < answers_.size(); ++i) {
    if (level.includes(answers_[i - 1]) != level.includes(answers_[i])) ++count;
  }
  return count;
}

}  // namespace querytap::detail
