#include <querytap/exporters/prometheus/open_metrics.hpp>

#include "text_exposition.hpp"

namespace querytap {

open_metrics::open_metrics()
    : exposition_{std::make_unique<detail::text_exposition>(detail::text_dialect::open_metrics)} {}
open_metrics::~open_metrics() = default;
open_metrics::open_metrics(open_metrics&&) noexcept = default;
open_metrics& open_metrics::operator=(open_metrics&&) noexcept = default;

void open_metrics::render(const snapshot& snapshot, std::string& body) {
  render(
      snapshot, [](std::string_view, family_type) { return true; }, body);
}

void open_metrics::render(const snapshot& snapshot, const family_filter& accepts,
                          std::string& body) {
  exposition_->render(snapshot, accepts, body);
}

std::string open_metrics::render(const snapshot& snapshot) {
  std::string body;
  render(snapshot, body);
  return body;
}

}  // namespace querytap
