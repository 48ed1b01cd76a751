#include "watcher.hpp"

#include "../common/block_signals.hpp"

#include <querytap/recording/recorder.hpp>

#include <exception>

namespace querytap::detail {
namespace {

constexpr std::chrono::milliseconds most_delay{500};

// Whoever is told is not ours: what he throws is not to keep the others from being told.
template <class Tell>
void swallow(Tell tell) {
  try {
    tell();
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace

watcher::watcher(recorder& over, const query_watch_options& options)
    : recorder_{over},
      options_{options},
      log_{call_log::of(over)},
      news_{log_->subscribe()},
      plans_{options.plans},
      waits_{options.plans},
      thread_{[this] { run(); }} {}

watcher::~watcher() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  look();
}

void watcher::run() {
  block_signals();
  std::unique_lock lock{mutex_};
  while (!wake_.wait_for(lock, options_.interval, [this] { return stopping_; })) {
    lock.unlock();
    swallow([this] { look(); });  // no memory for news
    lock.lock();
  }
}

void watcher::look() {
  const std::lock_guard lock{one_look_at_a_time_};
  const auto until = plan_source::deadline::clock::now() + most_delay;
  log_->drain();
  waits_.ask_again(*log_, recorder_.time().wall(), until);
  log_->tell_running();
  const call_news news = log_->take_news(*news_);
  for (const auto& one : news.slow_queries) {
    tell(*completed(one, until), options_.on_slow_query);
  }
  for (const auto& one : news.requests) tell(*one, options_.on_request);
  for (const auto& one : news.findings) tell(*one, options_.on_finding);
  // What the plans have shown.
  for (const auto& one : log_->take_news(*news_).findings) tell(*one, options_.on_finding);
}

std::shared_ptr<const slow_query> watcher::completed(const std::shared_ptr<const slow_query>& told,
                                                     plan_source::deadline until) {
  const auto now = recorder_.time().wall();
  auto complete = std::make_shared<slow_query>(*told);
  waits_.complete(*complete, now, until);
  for (finding& one : plans_.complete(*complete, now, until)) log_->tell(std::move(one));
  log_->amend(told->number, [&](slow_query& remembered) { remembered = *complete; });
  return complete;
}

template <class Value>
void watcher::tell(const Value& one, const std::function<void(const Value&)>& callback) const {
  if (callback) swallow([&] { callback(one); });
  for (const auto& listener : options_.listeners) swallow([&] { listener->tell(one); });
}

}  // namespace querytap::detail
