#pragma once

#include "reports/report_hub.hpp"
#include "request_series.hpp"
#include "retirable_map.hpp"

#include <querytap/recording/detail/recorder_part.hpp>
#include <querytap/recording/recorder.hpp>

#include <string>
#include <string_view>

namespace querytap::detail {

/// The series of a recorder's requests, by name.
///
/// Threads  any number at once.
class request_names final : public recorder_part {
 public:
  explicit request_names(recorder& recorder)
      : recorder_{recorder}, hub_{recorder.part<report_hub>()} {}

  [[nodiscard]] ref<const request_series> find_or_make(std::string_view name) {
    const parts_lock lock{recorder_};
    return by_name_.find_or_make(std::string{name}, [&] {
      ref<const request_series> fresh{*new request_series{recorder_, hub_, name}};
      fresh->set_slow_after(hub_.rules().of_request(name));
      return fresh;
    });
  }
  /// Under a parts_lock: gives each name the threshold that was set for it.
  void apply_rules() {
    by_name_.for_each([&](const ref<const request_series>& series) {
      series->set_slow_after(hub_.rules().of_request(series->name()));
    });
  }
  void release_idle(const series_usage& usage) override {
    const parts_lock lock{recorder_};
    by_name_.release_idle(usage);
  }

 private:
  recorder& recorder_;
  report_hub& hub_;
  retirable_map<std::string, request_series> by_name_;  // under a parts_lock
};

}  // namespace querytap::detail
