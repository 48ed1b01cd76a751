#pragma once

/// What examples in the cards of public headers need from other headers. The source that header_examples.awk
/// makes of them includes the headers of the cards before.

#include <querytap/decorators/postgres.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/runtime/endpoint/scrape_endpoint.hpp>
#include <querytap/runtime/files/report_file.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/servers/host/process_collector.hpp>
#include <querytap/servers/host/tcp_probe.hpp>
#include <querytap/servers/postgres.hpp>
#include <querytap/servers/postgres/postgres_collector.hpp>

#include <prometheus/registry.h>
#include <catch2/catch.hpp>

#include <fstream>
#include <iostream>
#include <map>

/// GoogleTest's, as far as an example uses it.
// NOLINTNEXTLINE(readability-identifier-naming)
#define EXPECT_TRUE(condition) \
  if (condition) {             \
  } else                       \
    std::cerr

using namespace std::chrono_literals;

/// What an example may return.
struct anything {
  anything() = default;
  template <class T>
  anything(const T& /*value*/) {}
};
