#pragma once

#include "otlp_metrics_pipeline.hpp"
#include "otlp_pipeline.hpp"
#include "otlp_records_pipeline.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace querytap::detail {

/// The thread of an exporter, and what it works on.
///
/// Threads  any number may call.
class otlp_engine {
 public:
  using time_point = otlp_surroundings::time_point;

  otlp_engine(recorder& from, const otlp_settings& settings, std::uint64_t number,
              const warning_sink& warn);
  ~otlp_engine();
  otlp_engine(const otlp_engine&) = delete;
  otlp_engine& operator=(const otlp_engine&) = delete;

  bool send(log_record record);
  bool send(span_record record);
  bool flush(std::chrono::milliseconds within);
  bool shutdown(std::chrono::milliseconds within);
  [[nodiscard]] bool is_shut_down() const;
  [[nodiscard]] std::map<std::string, std::uint64_t> losses() const {
    return around_.losses.by_reason();
  }

 private:
  // What other threads ask of ours.
  struct requests {
    std::uint64_t wakes = 0;
    std::uint64_t flushes_asked = 0;
    std::uint64_t flushes_done = 0;
    bool flush_delivered_all = false;
    time_point flush_limit = time_point::min();
    bool stopping = false;
    time_point stop_limit = time_point::max();
  };

  template <class Record>
  bool push(otlp_records_pipeline<Record>* to, Record record);
  void wake();

  void work() noexcept;
  void wait_for_work();
  void flush_if_asked();
  [[nodiscard]] bool pause_until(time_point until);
  /// What goes wrong within is told, and the thread goes on.
  template <class Work>
  void guarded(const Work& what) noexcept;

  otlp_surroundings around_;
  std::vector<std::unique_ptr<otlp_pipeline>> pipelines_;
  otlp_records_pipeline<log_record>* logs_ = nullptr;  // null: switched off
  otlp_records_pipeline<span_record>* traces_ = nullptr;

  mutable std::mutex mutex_;  // guards all of these
  std::condition_variable changed_;
  requests asked_;
  std::uint64_t wakes_seen_ = 0;
  bool delivered_all_ = true;

  std::mutex shutdown_mutex_;  // one shutdown at a time
  std::thread thread_;
};

}  // namespace querytap::detail
