#include <querytap/exporters/prometheus/prometheus_text.hpp>

#include "text_exposition.hpp"

namespace querytap {

prometheus_text::prometheus_text()
    : exposition_{std::make_unique<detail::text_exposition>(detail::text_dialect::prometheus)} {}
prometheus_text::~prometheus_text() = default;
prometheus_text::prometheus_text(prometheus_text&&) noexcept = default;
prometheus_text& prometheus_text::operator=(prometheus_text&&) noexcept = default;

void prometheus_text::render(const snapshot& snapshot, std::string& body) {
  render(
      snapshot, [](std::string_view, family_type) { return true; }, body);
}

void prometheus_text::render(const snapshot& snapshot, const family_filter& accepts,
                             std::string& body) {
  exposition_->render(snapshot, accepts, body);
}

std::string prometheus_text::render(const snapshot& snapshot) {
  std::string body;
  render(snapshot, body);
  return body;
}

}  // namespace querytap
