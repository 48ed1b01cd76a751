#include <querytap/runtime/live/service_report.hpp>

#include "../../base/utf8.hpp"
#include "report_formats.hpp"

namespace querytap {
namespace detail {

std::string render_report(view_data& shown, report_format format, std::chrono::seconds window) {
  switch (format) {
    case report_format::html: return report_html(shown, window);
    case report_format::markdown: return valid_utf8(report_markdown(shown, window));
    case report_format::csv: return valid_utf8(report_csv(shown, window));
    case report_format::json: break;
  }
  return json_line(report_json(shown, window)) + '\n';
}

}  // namespace detail

std::string service_report(const snapshot& snapshot, report_format format,
                           std::chrono::seconds window) {
  detail::view_data shown{snapshot, std::make_shared<detail::timeline>(std::chrono::seconds{0})};
  return detail::render_report(shown, format, window);
}

}  // namespace querytap
