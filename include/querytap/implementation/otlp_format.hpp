#pragma once

// The sources of querytap::otlp_format: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/exporters/otlp/call_attributes.cpp"
#include "../../../src/exporters/otlp/histogram_change.cpp"
#include "../../../src/exporters/otlp/otlp_events.cpp"
#include "../../../src/exporters/otlp/otlp_json.cpp"
#include "../../../src/exporters/otlp/otlp_metrics.cpp"
#include "../../../src/exporters/otlp/otlp_records.cpp"
#include "../../../src/exporters/otlp/otlp_spans.cpp"
#include "../../../src/exporters/otlp/otlp_wire.cpp"
