#pragma once

// The sources of querytap::prometheus: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/exporters/prometheus/client_model.cpp"
#include "../../../src/exporters/prometheus/decimal.cpp"
#include "../../../src/exporters/prometheus/exposition_metrics.cpp"
#include "../../../src/exporters/prometheus/family_names.cpp"
#include "../../../src/exporters/prometheus/native_buckets.cpp"
#include "../../../src/exporters/prometheus/open_metrics.cpp"
#include "../../../src/exporters/prometheus/prometheus_name.cpp"
#include "../../../src/exporters/prometheus/prometheus_protobuf.cpp"
#include "../../../src/exporters/prometheus/prometheus_text.cpp"
#include "../../../src/exporters/prometheus/scrape_format.cpp"
#include "../../../src/exporters/prometheus/series_labels.cpp"
#include "../../../src/exporters/prometheus/statement_series.cpp"
#include "../../../src/exporters/prometheus/text_exposition.cpp"
