#include "call_scheduler.hpp"

#include "../../base/call_guarded.hpp"

#include <algorithm>
#include <utility>

namespace querytap::detail {

call_scheduler::~call_scheduler() {
  time_point last_limit = time_point::min();
  std::size_t hanging = 0;
  for (const known_call& entry : entries_) {
    if (entry.is_overdue) {
      ++hanging;
    } else if (entry.is_running) {
      last_limit = std::max(last_limit, entry.begun + entry.call->limit());
    }
  }
  threads_.end(last_limit, hanging);
  const std::lock_guard lock{news_->mutex};
  news_->thread = nullptr;
}

void call_scheduler::add(std::unique_ptr<scheduled_call> call) {
  entries_.push_back({std::move(call)});
}

call_scheduler::time_point call_scheduler::due_of(const known_call& entry) const {
  if (entry.is_running && !entry.is_overdue) return entry.begun + entry.call->limit();
  return entry.call->due();
}

call_scheduler::time_point call_scheduler::due() {
  time_point first = time_point::max();
  for (const known_call& entry : entries_) first = std::min(first, due_of(entry));
  return first;
}

void call_scheduler::step() {
  take_news();
  for (std::size_t i = 0; i < entries_.size(); ++i) look_at(i);
  changed();
}

void call_scheduler::take_news() {
  std::vector<std::pair<std::size_t, time_point>> ended;
  {
    const std::lock_guard lock{news_->mutex};
    ended.swap(news_->ended);
  }
  for (const auto& [index, time] : ended) {
    known_call& entry = entries_[index];
    entry.is_running = false;
    entry.is_overdue = false;
    call_guarded([&] { entry.call->ended(entry.begun, time); });
  }
}

void call_scheduler::look_at(std::size_t index) {
  known_call& entry = entries_[index];
  const time_point time = thread_.now();
  if (due_of(entry) > time) return;
  if (!entry.is_running) return begin(index);
  entry.is_overdue = true;
  call_guarded([&] { entry.call->overdue(entry.begun, time); });
}

// Where there is no thread for it, or no memory, the call is due again later.
void call_scheduler::begin(std::size_t index) {
  known_call& entry = entries_[index];
  entry.begun = thread_.now();
  call_guarded([&] {
    std::function<void()> call = entry.call->begin(entry.begun);
    if (!call) return;
    threads_.run([call = std::move(call), reported = news_, index]() mutable {
      call_guarded(call);
      call = nullptr;
      const std::lock_guard lock{reported->mutex};
      if (reported->thread == nullptr) return;
      reported->ended.emplace_back(index, reported->thread->now());
      reported->thread->wake();
    });
    entry.is_running = true;
  });
}

}  // namespace querytap::detail
