#pragma once

// The sources of querytap::live: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/json.hpp>

#include "../../../src/runtime/live/library_view.cpp"
#include "../../../src/runtime/live/live_page.cpp"
#include "../../../src/runtime/live/overview_view.cpp"
#include "../../../src/runtime/live/pool_table.cpp"
#include "../../../src/runtime/live/query_string.cpp"
#include "../../../src/runtime/live/records_view.cpp"
#include "../../../src/runtime/live/report_csv.cpp"
#include "../../../src/runtime/live/report_html.cpp"
#include "../../../src/runtime/live/report_markdown.cpp"
#include "../../../src/runtime/live/requests_view.cpp"
#include "../../../src/runtime/live/running_calls.cpp"
#include "../../../src/runtime/live/service_report.cpp"
#include "../../../src/runtime/live/statement_view.cpp"
#include "../../../src/runtime/live/statements_view.cpp"
#include "../../../src/runtime/live/summed_calls.cpp"
#include "../../../src/runtime/live/timeline.cpp"
#include "../../../src/runtime/live/view_data.cpp"
#include "../../../src/runtime/live/view_query.cpp"
