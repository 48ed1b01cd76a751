#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/calls/detail/append_list.hpp>
#include <querytap/calls/detail/ref_counted.hpp>
#include <querytap/recording/recorder.hpp>

#include <string>
#include <string_view>

namespace querytap::detail {

class report_hub;

/// The series of the requests of one name.
///
/// Threads  any number at once.
class request_series final : public ref_counted {
 public:
  struct backend_series {
    histogram operations;
    histogram duration;
  };

  request_series(recorder& recorder, report_hub& hub, std::string_view name);

  [[nodiscard]] report_hub& hub() const noexcept { return hub_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const clock& time() const noexcept { return recorder_.time(); }
  [[nodiscard]] bool is_overflow() const noexcept { return success_.is_overflow(); }
  [[nodiscard]] const series& shown_as() const noexcept { return success_.target(); }
  void release_series() const;
  template <class Visit>
  void for_each_histogram(Visit visit) const {
    visit(success_);
    failures_.for_each(visit);
    backends_.for_each([&](const backend_series& backend) {
      visit(backend.operations);
      visit(backend.duration);
    });
  }

  /// Made on first sight, like those of a backend: throws without memory.
  [[nodiscard]] const histogram& duration_of(const outcome& outcome) const;
  [[nodiscard]] const backend_series& series_of_backend(std::string_view system) const;

 private:
  [[nodiscard]] attributes labels_with(std::string_view key, std::string_view value) const;

  recorder& recorder_;
  report_hub& hub_;  // lives as long as the recorder
  const std::string name_;
  const histogram success_;
  mutable append_list<outcome, histogram> failures_;
  mutable append_list<std::string_view, backend_series> backends_;  // keys live with the recorder
};

}  // namespace querytap::detail
