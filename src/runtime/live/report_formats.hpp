#pragma once

#include "view_data.hpp"

#include <querytap/runtime/live/service_report.hpp>

#include <chrono>
#include <string>

namespace querytap::detail {

/// A report of what the views show.
[[nodiscard]] std::string render_report(view_data& shown, report_format format,
                                        std::chrono::seconds window);

// One format each.
[[nodiscard]] json report_json(view_data& shown, std::chrono::seconds window);
[[nodiscard]] std::string report_html(view_data& shown, std::chrono::seconds window);
[[nodiscard]] std::string report_markdown(view_data& shown, std::chrono::seconds window);
[[nodiscard]] std::string report_csv(view_data& shown, std::chrono::seconds window);

/// All scripts of the page in a row.
[[nodiscard]] std::string page_script();

}  // namespace querytap::detail
