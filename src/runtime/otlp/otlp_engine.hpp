#pragma once

#include "../common/background_task.hpp"
#include "otlp_metrics_pipeline.hpp"
#include "otlp_pipeline.hpp"
#include "otlp_records_pipeline.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace querytap::detail {

/// What an exporter does in one process: a pipeline for each signal, on the thread of a background_task.
///
/// Threads  send(), flush(), losses() and has_delivered_all() from any.
class otlp_engine final : public background_job {
 public:
  otlp_engine(background_thread& thread, recorder& recorder, const otlp_settings& settings,
              std::uint64_t exporter_number, const warning_sink& warn);
  otlp_engine(const otlp_engine&) = delete;
  otlp_engine& operator=(const otlp_engine&) = delete;

  bool send(log_record record);
  bool send(span_record record);
  bool flush(std::chrono::milliseconds within);
  /// Whether the last drain left and lost nothing, once the thread has ended.
  [[nodiscard]] bool has_delivered_all() const;
  [[nodiscard]] std::map<std::string, std::uint64_t> losses() const {
    return context_.losses.by_reason();
  }

  void begin() override;
  [[nodiscard]] time_point due() override;
  void step() override;
  void end_by(time_point deadline) noexcept override;
  void finish(time_point deadline) override;

 private:
  // What other threads ask of the engine's.
  struct commands {
    std::uint64_t flushes_asked = 0;
    std::uint64_t flushes_done = 0;
    bool flush_delivered_all = false;
    time_point flush_deadline = time_point::min();
  };

  template <class Record>
  std::unique_ptr<otlp_records_pipeline<Record>> new_records_pipeline(otlp_signal signal);
  template <class Record>
  bool push(otlp_records_pipeline<Record>* pipeline, Record record);
  void flush_if_asked();
  [[nodiscard]] bool drain_all(time_point deadline, bool is_last) noexcept;
  /// An exception is reported, and the next call of `work` follows after a second.
  template <class Work>
  void guarded(const Work& work) noexcept;

  background_thread& thread_;
  otlp_context context_;
  std::vector<std::unique_ptr<otlp_pipeline>> pipelines_;
  otlp_records_pipeline<log_record>* logs_ = nullptr;  // null: switched off
  otlp_records_pipeline<span_record>* traces_ = nullptr;

  mutable std::mutex mutex_;  // guards all of these; locked before the thread's own
  std::condition_variable changed_;
  commands commands_;
  bool has_delivered_all_ = true;
};

}  // namespace querytap::detail
