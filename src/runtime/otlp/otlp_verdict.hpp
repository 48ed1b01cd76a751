#pragma once

#include "http_sender.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// How a request ended.
struct otlp_verdict {
  enum class end {
    accepted,  ///< all of its records except `rejected`
    refused,   ///< all of its records, for good
    not_now,   ///< for now; it may be retried
  };
  end how = end::accepted;
  std::string error_type = {};   ///< `error.type`; empty when accepted
  std::uint64_t rejected = 0;    ///< records that the collector has discarded, by its own count
  std::string message = {};      ///< the collector's
  std::string retry_after = {};  ///< the header; empty without one
  int status = 0;                ///< of HTTP; 0 without an answer

  friend bool operator==(const otlp_verdict&, const otlp_verdict&) = default;
};

/// A request whose repetition is harmful is refused where it may have arrived without an answer: what was
/// sent once is lost at worst, and counted as lost, but never received twice.
///
/// Source   OTLP over HTTP: 429, 502, 503, 504 and lost connections may be retried, everything else
///          never; a partial success is a success.
[[nodiscard]] otlp_verdict judge(const http_reply& reply,
                                 repetition repeated = repetition::harmless);

}  // namespace querytap::detail
