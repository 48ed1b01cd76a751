#include <querytap/runtime/watch/query_watch.hpp>

#include "../common/forks.hpp"
#include "watcher.hpp"

#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace querytap {
namespace {

query_watch_options validated(query_watch_options options) {
  if (options.interval <= std::chrono::milliseconds::zero()) {
    throw configuration_error{"interval", fmt::format("{} ms", options.interval.count()),
                              "expected more than 0 ms"};
  }
  for (const auto& listener : options.listeners) {
    if (listener == nullptr) throw configuration_error{"listeners", "null", "expected objects"};
  }
  for (const auto& source : options.plans) {
    if (source == nullptr) throw configuration_error{"plans", "null", "expected objects"};
  }
  return options;
}

}  // namespace

/// The watcher of this process: the child of a fork has another than its parent.
class query_watch::in_process final : public detail::fork_aware {
 public:
  in_process(recorder& over, query_watch_options options)
      : over_{over}, options_{validated(std::move(options))} {
    if (!over.enabled()) return;
    watcher_ = std::make_unique<detail::watcher>(over_, options_);
    watch();
  }
  ~in_process() { forget(); }

  void look() {
    if (watcher_ != nullptr) watcher_->look();
  }

  void in_child() noexcept override {
    // Its thread is not here, and its locks may be held for ever.
    static auto& of_parents = *new std::vector<std::unique_ptr<detail::watcher>>;
    try {
      of_parents.push_back(std::move(watcher_));
      watcher_ = std::make_unique<detail::watcher>(over_, options_);
    } catch (const std::exception&) {
      // Without memory or threads nobody watches a child.
    }
  }

 private:
  recorder& over_;
  const query_watch_options options_;
  std::unique_ptr<detail::watcher> watcher_;
};

query_watch::query_watch(recorder& over, query_watch_options options)
    : here_{std::make_unique<in_process>(over, std::move(options))} {}

query_watch::~query_watch() = default;

void query_watch::look() { here_->look(); }

}  // namespace querytap
