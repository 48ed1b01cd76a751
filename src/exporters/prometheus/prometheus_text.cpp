#include <querytap/exporters/prometheus/prometheus_text.hpp>

#include "text_exposition.hpp"

namespace querytap {

prometheus_text::prometheus_text()
    : exposition_{std::make_unique<detail::text_exposition>(detail::text_dialect::prometheus)} {}
prometheus_text::~prometheus_text() = default;
prometheus_text::prometheus_text(prometheus_text&&) noexcept = default;
prometheus_text& prometheus_text::operator=(prometheus_text&&) noexcept = default;

void prometheus_text::render(const snapshot& from, std::string& into) {
  exposition_->render(from, into);
}

std::string prometheus_text::render(const snapshot& from) {
  std::string body;
  render(from, body);
  return body;
}

}  // namespace querytap
