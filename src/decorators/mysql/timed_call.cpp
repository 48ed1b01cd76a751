#include "timed_call.hpp"

#include "mysql_failure.hpp"
#include "unindexed_calls.hpp"

#include <mysql.h>

#include <algorithm>
#include <utility>

namespace querytap::mysql::detail {
namespace {

constexpr unsigned no_index_flags = SERVER_QUERY_NO_INDEX_USED | SERVER_QUERY_NO_GOOD_INDEX_USED;

// What is read faster came with the answer: to tell it apart would cost more than it says.
constexpr std::uint64_t shortest_fetch = 100'000;  // nanoseconds

}  // namespace

void timed_call::begin(const querytap::statement& identity, phase phase, code_location site,
                       transaction& current) noexcept {
  finish({});
  identity_ = &identity;
  site_ = site;
  rows_ = batch_size_ = 0;
  has_rows_ = awaits_row_ = has_row_ = false;
  operation_.emplace(identity, phase, site);
  operation_->of(current);
  begin_ = identity.time().ticks();
}

void timed_call::take(timed_call& other) noexcept {
  finish({});
  if (!other.is_open()) return;
  operation_.emplace(std::move(*other.operation_));
  other.operation_.reset();
  identity_ = other.identity_;
  site_ = other.site_;
  begin_ = other.begin_;
  rows_ = other.rows_;
  batch_size_ = other.batch_size_;
  has_rows_ = other.has_rows_;
  awaits_row_ = other.awaits_row_;
  has_row_ = other.has_row_;
  description_ = std::exchange(other.description_, {});
}

void timed_call::has_stored(std::uint64_t rows, std::uint64_t from) noexcept {
  if (!is_open()) return;
  has_rows_ = true;
  rows_ += rows;
  const std::uint64_t spent = identity_->time().nanoseconds_between(from, ticks());
  if (spent >= shortest_fetch) {
    operation_->spent(phase::fetch, std::chrono::nanoseconds{static_cast<std::int64_t>(spent)});
  }
}

void timed_call::awaits_row() noexcept {
  if (!is_open() || std::exchange(awaits_row_, true)) return;
  has_rows_ = true;
  operation_->enter(phase::first_byte);
}

void timed_call::has_read_row() noexcept {
  if (!is_open()) return;
  ++rows_;
  if (!std::exchange(has_row_, true)) operation_->enter(phase::fetch);
}

void timed_call::abandon() noexcept {
  if (!is_open()) return;
  operation_->fail(outcome::error("abandoned", {}, failure_kind::cancelled));
  finish({});
}

void timed_call::finish(const call_end& end, unindexed_calls* unindexed) noexcept {
  if (!is_open()) return;
  if (end.number != 0) {
    if (has_waited_for_lock(end.number)) operation_->was(phase::lock_wait);
    operation_->fail(outcome_of_number(end.number));
  } else if (has_rows_) {
    operation_->rows(rows_);
  }
  const bool had_no_index = (end.status & no_index_flags) != 0 && end.number == 0;
  if (had_no_index && unindexed != nullptr) {
    unindexed->add(*identity_, identity_->time().nanoseconds_between(begin_, ticks()), rows_,
                   (end.status & SERVER_QUERY_NO_INDEX_USED) == 0, site_);
  }
  operation_->finish([&](querytap::detail::call_extras& extras) {
    extras.sqlstate_size = static_cast<std::uint8_t>(
        end.sqlstate.substr(0, extras.sqlstate.size()).copy(extras.sqlstate.data(), 5));
    extras.batch_size = batch_size_;
    extras.affected_rows = end.affected_rows;
    extras.used_no_index = had_no_index;
    const std::string_view text = description_.text();
    extras.parameters_size =
        static_cast<std::uint8_t>(text.copy(extras.parameters.data(), extras.parameters.size()));
  });
  operation_.reset();
  description_ = {};
}

}  // namespace querytap::mysql::detail
