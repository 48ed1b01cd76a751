#include <querytap/runtime/otlp/otlp_exporter.hpp>

#include "../common/forks.hpp"
#include "otlp_engine.hpp"
#include "otlp_settings.hpp"

#include <querytap/base/environment.hpp>
#include <querytap/recording/recorder.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <utility>
#include <vector>

namespace querytap {
namespace {

std::uint64_t next_number() noexcept {
  // ORDER relaxed: only uniqueness is asked of it.
  static std::atomic<std::uint64_t> next{0};
  return next.fetch_add(1, std::memory_order_relaxed);
}

void tell_on_stderr(std::string_view text) { fmt::print(stderr, "querytap: {}\n", text); }

detail::warning_sink sink_of(const otlp_exporter_options& options) {
  return options.warn ? detail::warning_sink{options.warn} : tell_on_stderr;
}

std::optional<std::string> from_environment(const std::string& name) {
  return environment(name.c_str());
}

bool anything_leaves(const detail::otlp_settings& settings) {
  return std::ranges::any_of(settings.routes, &detail::otlp_route::enabled);
}

}  // namespace

/// The engine of this process: the child of a fork has another than its parent.
class otlp_exporter::in_process final : public detail::fork_aware {
 public:
  in_process(recorder& from, const otlp_exporter_options& options)
      : from_{from},
        warn_{sink_of(options)},
        settings_{detail::otlp_settings_of(options, from_environment, warn_)},
        shutdown_timeout_{options.shutdown_timeout},
        number_{next_number()} {
    if (!from.enabled() || !anything_leaves(settings_)) return;
    start();
    watch();
  }

  ~in_process() {
    shutdown(shutdown_timeout_);
    forget();
  }

  bool shutdown(std::chrono::milliseconds within) {
    shut_down_.store(true, std::memory_order_relaxed);
    return engine_ == nullptr || engine_->shutdown(within);
  }

  void in_child() noexcept override {
    // Its thread is not here, and its locks may be held for ever; its connections are the parent's.
    static auto& of_parents = *new std::vector<std::unique_ptr<detail::otlp_engine>>;
    try {
      of_parents.push_back(std::move(engine_));
      if (!shut_down_.load(std::memory_order_relaxed)) start();
    } catch (const std::exception&) {
      // Without memory or threads a child sends nothing.
    }
  }

  [[nodiscard]] detail::otlp_engine* engine() const noexcept { return engine_.get(); }

 private:
  void start() {
    engine_ = std::make_unique<detail::otlp_engine>(from_, settings_, number_, warn_);
  }

  recorder& from_;
  const detail::warning_sink warn_;
  const detail::otlp_settings settings_;
  const std::chrono::milliseconds shutdown_timeout_;
  const std::uint64_t number_;
  // ORDER relaxed: read in the child of a fork alone, which has one thread.
  std::atomic<bool> shut_down_{false};
  std::unique_ptr<detail::otlp_engine> engine_;  // null where nothing is to leave
};

otlp_exporter::otlp_exporter(recorder& from, otlp_exporter_options options)
    : here_{std::make_unique<in_process>(from, options)} {}

otlp_exporter::~otlp_exporter() = default;

bool otlp_exporter::send(log_record record) {
  detail::otlp_engine* engine = here_->engine();
  return engine != nullptr && engine->send(std::move(record));
}

bool otlp_exporter::send(span_record record) {
  detail::otlp_engine* engine = here_->engine();
  return engine != nullptr && engine->send(std::move(record));
}

bool otlp_exporter::flush(std::chrono::milliseconds within) {
  detail::otlp_engine* engine = here_->engine();
  return engine == nullptr || engine->flush(within);
}

bool otlp_exporter::shutdown(std::chrono::milliseconds within) { return here_->shutdown(within); }

std::map<std::string, std::uint64_t> otlp_exporter::dropped() const {
  const detail::otlp_engine* engine = here_->engine();
  return engine == nullptr ? std::map<std::string, std::uint64_t>{} : engine->losses();
}

}  // namespace querytap
