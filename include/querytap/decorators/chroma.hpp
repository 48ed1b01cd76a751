#pragma once

#include <querytap/decorators/chroma/client.hpp>
#include <querytap/decorators/chroma/collection.hpp>
#include <querytap/decorators/chroma/error.hpp>
#include <querytap/decorators/chroma/records.hpp>

/// A client of Chroma whose calls are timed and whose searches tell of their quality.
///
///     chroma::client db{recorder, "http://127.0.0.1:8000"};
///     chroma::collection pages = db.get_collection("pages");
///     const auto nearest = pages.query(question, {.k = 10, .filter = R"({"lang": "en"})"});
///
/// Threads  any number at once.
/// Errors   chroma::error and chroma::invalid_input.
/// Source   Chroma's HTTP API, version 2; OpenTelemetry's conventions for databases.
namespace querytap::chroma {}

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/chroma.hpp>
#endif
