#pragma once

// The sources of querytap::otlp: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/gzip.hpp>
#include <querytap/implementation/http.hpp>
#include <querytap/implementation/otlp_format.hpp>
#include <querytap/implementation/watch.hpp>

#include "../../../src/runtime/otlp/http_sender.cpp"
#include "../../../src/runtime/otlp/otel_variables.cpp"
#include "../../../src/runtime/otlp/otlp_engine.cpp"
#include "../../../src/runtime/otlp/otlp_exporter.cpp"
#include "../../../src/runtime/otlp/otlp_pipeline.cpp"
#include "../../../src/runtime/otlp/otlp_reports.cpp"
#include "../../../src/runtime/otlp/otlp_self_metrics.cpp"
#include "../../../src/runtime/otlp/otlp_settings.cpp"
#include "../../../src/runtime/otlp/otlp_verdict.cpp"
