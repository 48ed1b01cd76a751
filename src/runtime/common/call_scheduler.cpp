#include "call_scheduler.hpp"

#include "../../base/call_guarded.hpp"
#include "thrown_text.hpp"

#include <algorithm>
#include <utility>

namespace querytap::detail {
namespace {

// For threads without a call to notice that they are not needed any more.
constexpr std::chrono::seconds time_to_end{1};

}  // namespace

call_scheduler::~call_scheduler() {
  std::size_t hanging = 0;
  {
    std::unique_lock lock{news_->mutex};
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const known_call& entry = entries_[i];
      if (!entry.is_running) continue;
      const time_point limit =
          entry.is_overdue ? time_point::min() : entry.begun + entry.call->limit();
      if (!news_->changed.wait_until(lock, limit, [&] { return has_ended(i); })) ++hanging;
    }
    news_->thread = nullptr;
  }
  threads_.end(task_clock::steady().now() + time_to_end, hanging);
}

// The caller holds the news' mutex.
bool call_scheduler::has_ended(std::size_t index) const {
  return std::ranges::any_of(news_->ended, [&](const auto& end) { return end.first == index; });
}

void call_scheduler::add(std::unique_ptr<scheduled_call> call) {
  entries_.push_back({std::move(call)});
  const std::lock_guard lock{news_->mutex};
  news_->ended.reserve(entries_.size());
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
    ended = news_->ended;
    news_->ended.clear();  // its memory stays
  }
  for (const auto& [index, time] : ended) {
    known_call& entry = entries_[index];
    entry.is_running = false;
    entry.is_overdue = false;
    call_guarded(
        [&call = *entry.call, begun = entry.begun, time = time] { call.ended(begun, time); });
  }
}

void call_scheduler::look_at(std::size_t index) {
  known_call& entry = entries_[index];
  const time_point time = thread_.now();
  if (due_of(entry) > time) return;
  if (!entry.is_running) return begin_call(index);
  entry.is_overdue = true;
  call_guarded([&] { entry.call->overdue(entry.begun, time); });
}

void call_scheduler::begin_call(std::size_t index) {
  known_call& entry = entries_[index];
  entry.begun = thread_.now();
  const auto failure = thrown_by([&] {
    std::function<void()> call = entry.call->begin(entry.begun);
    if (!call) return;
    threads_.run([call = std::move(call), reported = news_, index]() mutable {
      call_guarded(call);
      call = nullptr;
      const std::lock_guard lock{reported->mutex};
      if (reported->thread != nullptr) {
        reported->ended.emplace_back(index, reported->thread->now());
        reported->thread->wake();
      }
      reported->changed.notify_all();
    });
    entry.is_running = true;
  });
  if (failure.has_value()) {
    call_guarded([&] { entry.call->not_begun(entry.begun, *failure); });
  }
}

}  // namespace querytap::detail
