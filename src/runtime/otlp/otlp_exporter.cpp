#include <querytap/runtime/otlp/otlp_exporter.hpp>

#include "../../base/bounded_wait.hpp"
#include "../../base/call_guarded.hpp"
#include "../common/background_task.hpp"
#include "otlp_engine.hpp"
#include "otlp_settings.hpp"

#include <querytap/base/environment.hpp>
#include <querytap/recording/recorder.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <optional>
#include <utility>

namespace querytap {
namespace {

std::uint64_t next_exporter_number() noexcept {
  // ORDER relaxed: only uniqueness is asked of it.
  static std::atomic<std::uint64_t> next{0};
  return next.fetch_add(1, std::memory_order_relaxed);
}

void warn_on_stderr(std::string_view text) { fmt::print(stderr, "querytap: {}\n", text); }

detail::warning_sink warning_sink_of(const otlp_exporter_options& options) {
  return [warn = options.warn](std::string_view text) {
    detail::call_guarded([&] { warn ? warn(text) : warn_on_stderr(text); });
  };
}

std::optional<std::string> environment_variable(const std::string& name) {
  return environment(name.c_str());
}

bool has_enabled_route(const detail::otlp_settings& settings) {
  return std::ranges::any_of(settings.routes, &detail::otlp_route::enabled);
}

}  // namespace

class otlp_exporter::implementation {
 public:
  implementation(recorder& recorder, const otlp_exporter_options& options)
      : warn_{warning_sink_of(options)},
        settings_{detail::otlp_settings_of(options, environment_variable, warn_)},
        shutdown_timeout_{options.shutdown_timeout},
        number_{next_exporter_number()} {
    if (!recorder.enabled() || !has_enabled_route(settings_)) return;
    task_.emplace([this, &recorder](detail::background_thread& thread) {
      return std::make_unique<detail::otlp_engine>(thread, recorder, settings_, number_, warn_);
    });
  }

  ~implementation() { shutdown(shutdown_timeout_); }
  implementation(const implementation&) = delete;
  implementation& operator=(const implementation&) = delete;

  /// Null where nothing is to be sent.
  [[nodiscard]] detail::otlp_engine* engine() const noexcept {
    return task_ ? task_->job() : nullptr;
  }

  bool shutdown(std::chrono::milliseconds within) {
    if (task_) task_->stop(detail::bounded_wait(within));
    return engine() == nullptr || engine()->has_delivered_all();
  }

 private:
  const detail::warning_sink warn_;
  const detail::otlp_settings settings_;
  const std::chrono::milliseconds shutdown_timeout_;
  const std::uint64_t number_;
  std::optional<detail::background_task<detail::otlp_engine>> task_;
};

otlp_exporter::otlp_exporter(recorder& recorder, otlp_exporter_options options)
    : implementation_{std::make_unique<implementation>(recorder, options)} {}

otlp_exporter::~otlp_exporter() = default;

bool otlp_exporter::send(log_record record) {
  detail::otlp_engine* engine = implementation_->engine();
  return engine != nullptr && engine->send(std::move(record));
}

bool otlp_exporter::send(span_record record) {
  detail::otlp_engine* engine = implementation_->engine();
  return engine != nullptr && engine->send(std::move(record));
}

bool otlp_exporter::flush(std::chrono::milliseconds within) {
  detail::otlp_engine* engine = implementation_->engine();
  return engine == nullptr || engine->flush(within);
}

bool otlp_exporter::shutdown(std::chrono::milliseconds within) {
  return implementation_->shutdown(within);
}

std::map<std::string, std::uint64_t> otlp_exporter::dropped() const {
  const detail::otlp_engine* engine = implementation_->engine();
  return engine == nullptr ? std::map<std::string, std::uint64_t>{} : engine->losses();
}

}  // namespace querytap
