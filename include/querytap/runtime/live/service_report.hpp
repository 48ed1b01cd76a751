#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace querytap {

enum class report_format : std::uint8_t {
  html,      ///< the page of pages.hpp as one file, which opens without a network
  markdown,  ///< for a ticket: health, findings, statements, slow calls, pools, requests
  csv,       ///< the statements, a line each, with a line of names (RFC 4180)
  json,      ///< all that the HTML file shows
};

/// What a service does, to take away: for a ticket, a mail or an archive.
///
///     std::ofstream{"incident.html"} << service_report(recorder.collect(), report_format::html);
///
/// Statements are those of the last `window`, of 0: since the start. Texts are without literals, as everywhere; what comes
/// from outside, such as the name of a request, is text in every format, never markup or a formula.
///
/// Units    seconds, in CSV and JSON; times are UTC.
/// Threads  a pure function.
/// Errors   none: bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string service_report(const snapshot& snapshot, report_format format,
                                         std::chrono::seconds window = std::chrono::minutes{5});

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/live.hpp>
#endif
