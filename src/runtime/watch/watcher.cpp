#include "watcher.hpp"

#include "../common/block_signals.hpp"

#include <querytap/recording/recorder.hpp>

#include <exception>

namespace querytap::detail {
namespace {

constexpr std::chrono::milliseconds most_delay{500};

// Whoever is told is not ours: what he throws is not to keep the others from being told.
template <class Tell>
void swallow(Tell report) {
  try {
    report();
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace

watcher::watcher(recorder& over, const query_watch_options& options)
    : recorder_{over},
      options_{options},
      log_{&over.part<report_hub>()},
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
  const auto until = server_inspector::deadline::clock::now() + most_delay;
  log_->drain();
  waits_.ask_again(*log_, recorder_.time().wall(), until);
  log_->report_running();
  const report_feed news = log_->take(*news_);
  for (const auto& one : news.call_reports) {
    report(*completed(one, until), options_.on_call_report);
  }
  for (const auto& one : news.requests) report(*one, options_.on_request);
  for (const auto& one : news.findings) report(*one, options_.on_finding);
  // What the plans have shown.
  for (const auto& one : log_->take(*news_).findings) report(*one, options_.on_finding);
}

std::shared_ptr<const call_report> watcher::completed(
    const std::shared_ptr<const call_report>& reported, server_inspector::deadline until) {
  const auto now = recorder_.time().wall();
  auto complete = std::make_shared<call_report>(*reported);
  waits_.complete(*complete, now, until);
  for (finding& one : plans_.complete(*complete, now, until)) log_->publish(std::move(one));
  log_->amend(reported->number, [&](call_report& remembered) { remembered = *complete; });
  return complete;
}

template <class Value>
void watcher::report(const Value& one, const std::function<void(const Value&)>& callback) const {
  if (callback) swallow([&] { callback(one); });
  for (const auto& listener : options_.listeners) swallow([&] { listener->report(one); });
}

}  // namespace querytap::detail
